"""The lake's readings: their schema, the view `iot_data` and questions asked of it."""
