"""A look at an HTTP server: does it answer, and with which status?"""

import urllib.error
import urllib.request
from http.client import HTTPException


def status_of(url: str, timeout_s: float = 2.0) -> int | None:
    """The status of a GET, None when no HTTP server answers. Proxies of the environment are not asked."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException):
        return None
