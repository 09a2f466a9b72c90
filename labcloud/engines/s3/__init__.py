"""Amazon S3: buckets are moto's, objects are ours, in a store on disk.

| module | what it holds |
|---|---|
| `store`, `bodies` | the database of versions, uploads and parts; the files with their bytes |
| `upload`, `slots`, `checksums` | how bytes come in: hashed, checked, written in place |
| `objects`, `copying`, `multipart`, `posting`, `deleting` | operations on objects |
| `listing`, `settings`, `buckets` | operations on buckets and what is in them |
| `details`, `encryption`, `locks`, `tagging`, `acl`, `archive` | what is kept with an object |
| `conditions`, `ranges`, `access`, `policy` | what a request asks for, and whether it may |
| `lifecycle`, `inventory`, `notifications` | what happens by the clock, and who is told |
"""

from __future__ import annotations

from labcloud.engines.s3.service import S3Engine

__all__ = ["S3Engine"]
