"""A client of the sandbox for its tests: plain `requests`, no code of the portal."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import requests

from sandbox.company import PRIMARY, Account, credential_of
from sandbox.server import Sandbox

Row = dict[str, Any]


class Caller:
    """Calls one sandbox as the user of one account. Answers are `requests.Response`."""

    def __init__(self, sandbox: Sandbox, account: Account = PRIMARY) -> None:
        credential = credential_of(account)
        self.sandbox = sandbox
        self.base = sandbox.base_url_template.format(accountId=account.account_id)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (credential.login, credential.token)
        self.session.headers["Accept"] = "application/json"

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self._url(path), timeout=10, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.session.post(self._url(path), json=json, timeout=10, **options)

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.base}/{path}"

    def query(self, name: str, expression: Any = None, sort: Any = None) -> dict[str, Any]:
        """First page of a query; the status must be 200."""
        config: dict[str, Any] = {"QueryFilter": {}}
        if expression is not None:
            config["QueryFilter"] = {"expression": expression}
        if sort is not None:
            config["QuerySort"] = {"sortField": sort}
        response = self.post(f"{name}/query", config)
        assert response.status_code == 200, response.text
        return response.json()

    def more(self, name: str, token: str) -> dict[str, Any]:
        headers = {"Content-Type": "text/plain"}
        response = self.post(f"{name}/queryMore", data=token, headers=headers)
        assert response.status_code == 200, response.text
        return response.json()

    def everything(
        self, name: str, expression: Any = None, sort: Any = None
    ) -> list[dict[str, Any]]:
        page = self.query(name, expression, sort)
        rows = list(page["result"])
        while "queryToken" in page:
            page = self.more(name, page["queryToken"])
            rows += page["result"]
        return rows

    def log(self, execution_id: str, level: str = "ALL") -> str:
        """The text of a log, fetched as a client has to."""
        asked = self.post("ProcessLog", {"executionId": execution_id, "logLevel": level})
        url = asked.json()["url"]
        for _ in range(5):
            response = self.get(url)
            if response.status_code == 200:
                return unzip(response.content)
            assert response.status_code == 202
        raise AssertionError("the log never became ready")


def unzip(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(archive.namelist()[0]).decode()


def simple(property_: str, operator: str, *arguments: str) -> dict[str, Any]:
    return {"property": property_, "operator": operator, "argument": list(arguments)}


def group(operator: str, *nested: dict[str, Any]) -> dict[str, Any]:
    return {"operator": operator, "nestedExpression": list(nested)}
