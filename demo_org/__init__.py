"""The bundled demo organisation: Waybright, a made-up marketplace for rail and coach tickets.

The catalog, docs, runbooks and handbook are plain files under ``data``. Deployment events are
generated, so that they always end shortly before the day the demo is written.
"""

from demo_org.build import write_demo

__all__ = ["write_demo"]
