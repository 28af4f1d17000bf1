"""An identity provider on loopback: publishes keys, signs tokens, changes its keys, goes away."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = 4_000_000_000
"""A moment far ahead: tokens of the tests do not expire while they run."""


class Provider:
    """Serves `/jwks.json`; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.body: bytes | None = None
        self._published: dict[str, Any] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked += 1
                if provider.away:
                    self.send_error(503)
                    return
                body = provider.body
                if body is None:
                    body = json.dumps({"keys": [*provider._published.values()]}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.jwks = f"{self.issuer}/jwks.json"
        self._private: dict[str, Any] = {}
        self.rotate("one")

    def rotate(self, key_id: str, algorithm: str = "ES256") -> None:
        """Publish one new key in the place of those before."""
        self._published = {}
        self.add(key_id, algorithm)

    def add(self, key_id: str, algorithm: str) -> None:
        """Publish a further key."""
        private: Any
        if algorithm.startswith("ES"):
            private = ec.generate_private_key(ec.SECP256R1())
            public = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        else:
            private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        self._private[key_id] = private
        self._published[key_id] = {**public, "kid": key_id, "use": "sig", "alg": algorithm}

    def token(
        self,
        claims: dict[str, Any] | None = None,
        *,
        key_id: str = "one",
        algorithm: str = "ES256",
        header: dict[str, Any] | None = None,
        without: tuple[str, ...] = (),
    ) -> str:
        """A token; Jane's, for the portal, unless the claims say otherwise."""
        said = {
            "iss": self.issuer,
            "aud": "backstage",
            "sub": "user:default/jane",
            "exp": NOW,
            **(claims or {}),
        }
        said = {name: value for name, value in said.items() if name not in without}
        kid = {"kid": key_id} if header is None else {}
        return jwt.encode(
            said, self._private[key_id], algorithm=algorithm, headers={**kid, **(header or {})}
        )

    def private_text(self, key_id: str = "one") -> Any:
        """The private key itself, to sign what should not be signed."""
        return self._private[key_id]

    def published_text(self, key_id: str = "one") -> str:
        """The public key as text, which an attacker may use as a shared secret."""
        return json.dumps(self._published[key_id])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
