"""Multipart uploads: from CreateMultipartUpload to CompleteMultipartUpload or Abort.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

from labcloud.engine import Context
from labcloud.engines.s3 import (
    checksums,
    conditions,
    details,
    encryption,
    errors,
    lifecycle,
    ranges,
    times,
    upload,
)
from labcloud.engines.s3.base import Request, key_of
from labcloud.engines.s3.copying import CopyOperations
from labcloud.engines.s3.identifiers import new_id
from labcloud.engines.s3.owners import owner_of
from labcloud.engines.s3.slots import MIN_PART, PartTarget, Slots
from labcloud.engines.s3.store import Part, Reader, Upload, Version
from labcloud.errors import AWSError

MAX_PARTS = 10_000
LARGEST = 50 * 1000**4
"""An object has at most 50 TB (botocore's model of CopyObject)."""


class MultipartOperations(CopyOperations):
    """Objects that come in parts."""

    def __init__(self, cloud: Any) -> None:
        super().__init__(cloud)
        self.slots = Slots(self.bodies)

    def create_multipart_upload(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Begin an upload; what the object will be is said here."""
        key = key_of(request)
        bucket = self.allowed(request, context, "s3:PutObject", request["Key"])
        now = times.now()
        meta = details.new(request, bucket, now)
        meta["sse"] = encryption.requested(self.cloud, request, bucket, context.region)
        asked = request.get("ChecksumAlgorithm")
        if asked is None and request.get("ChecksumType") is not None:
            raise errors.invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
                "header."
            )
        algorithm = asked or checksums.DEFAULT
        checksums.is_known(algorithm)
        kind = checksums.type_of_upload(algorithm, request.get("ChecksumType"))
        begun = Upload(
            new_id(96), bucket.name, key, now,
            {
                "object": meta, "class": details.storage_class(request), "algorithm": algorithm,
                "type": kind, "asked": asked is not None,
            },
        )  # fmt: skip
        with self.store.change() as change:
            self.still(bucket)
            change.put_upload(begun)
        found = {"Bucket": bucket.name, "Key": request["Key"], "UploadId": begun.id}
        found |= meta["sse"]
        if asked is not None:
            found |= {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}
        return found | self._abort_date(bucket, begun)

    @staticmethod
    def _abort_date(bucket: Any, begun: Upload) -> dict[str, Any]:
        found = lifecycle.abort_of(bucket, begun.name, begun.initiated)
        if found is None:
            return {}
        moment, rule = found
        return {"AbortDate": times.to_datetime(moment), "AbortRuleId": rule}

    def upload_of(self, reader: Reader, request: Request) -> Upload:
        """Return the upload that a request names. Raises `NoSuchUpload`."""
        found = reader.upload(request["UploadId"])
        if found is None or (found.bucket, found.key) != (request["Bucket"], key_of(request)):
            raise errors.no_such_upload(request["UploadId"])
        return found

    def _part_of(self, request: Request, context: Context) -> tuple[Upload, int, bool]:
        """Return the upload and number of the part that comes, and whether the number is taken."""
        self.allowed(request, context, "s3:PutObject", request["Key"])
        number = int(request["PartNumber"])
        if not 1 <= number <= MAX_PARTS:
            raise errors.invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
                "partNumber",
                number,
            )
        with self.store.read() as reader:
            begun = self.upload_of(reader, request)
            known = any(part.number == number for part in reader.parts(begun.id, number - 1, 1))
        sse = begun.meta["object"]["sse"]
        encryption.check_customer_key(request, sse)
        return begun, number, known

    def upload_part(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Take one part in."""
        begun, number, known = self._part_of(request, context)
        body = upload.payload(request)
        expect = upload.expected(request, context.headers)
        sums = self._algorithm_of_part(begun, expect)
        length = getattr(body, "length", None)
        with self.slots.target(begun.id, number, length, known) as target:
            got = upload.receive(body, target, expect, context.trailers, sums)
            self._keep_part(begun, number, got, target)
        found = {"ETag": f'"{got.etag}"', **begun.meta["object"]["sse"]}
        if begun.meta["asked"] or expect.checksum or expect.trailing:
            found[checksums.member(got.algorithm)] = got.checksum
        return found

    @staticmethod
    def _algorithm_of_part(begun: Upload, expect: upload.Expected) -> str:
        """Return the upload's algorithm; a part may bring no checksum of another one to it."""
        algorithm: str = begun.meta["algorithm"]
        given = expect.checksum or expect.trailing
        if begun.meta["asked"] and given and expect.algorithm != algorithm:
            raise errors.invalid_request(
                "Checksum Type mismatch occurred, expected checksum Type: "
                f"{algorithm.lower()}, actual checksum Type: {expect.algorithm.lower()}"
            )
        if not given:
            expect.algorithm = algorithm
        return algorithm

    def _keep_part(
        self, begun: Upload, number: int, got: upload.Received, target: PartTarget
    ) -> int:
        now = times.now()
        part = Part(number, now, got.size, got.etag, got.kept, target.name, target.offset)
        with self.store.change() as change:
            if change.upload(begun.id) is None:
                raise errors.no_such_upload(begun.id)
            change.put_part(begun.id, part)
        return now

    def upload_part_copy(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Take one part from an object that is there, or from a range of it."""
        begun, number, known = self._part_of(request, context)
        source_bucket, source, _ = self.source(request, context)
        start, size = 0, source.size
        if (text := request.get("CopySourceRange")) is not None:
            start, size = ranges.of_copy(text, source.size)
        if size > upload.LARGEST:
            raise upload.too_large(size)
        with self.slots.target(begun.id, number, size, known) as target:
            if size:
                self.bodies.append(target.open(), source.body, start, size, target.offset)
            got = self._sum_of(source, start, size, begun.meta["algorithm"])
            now = self._keep_part(begun, number, got, target)
        result: dict[str, Any] = {"ETag": f'"{got.etag}"', "LastModified": times.to_second(now)}
        if begun.meta["asked"]:
            result[checksums.member(got.algorithm)] = got.checksum
        found = {"CopyPartResult": result, **begun.meta["object"]["sse"]}
        if source_bucket.versioning_status:
            found["CopySourceVersionId"] = source.version
        return found

    def _sum_of(self, source: Version, start: int, size: int, algorithm: str) -> upload.Received:
        md5 = hashlib.md5(usedforsecurity=False)
        checksum = checksums.ALGORITHMS[algorithm]()
        for block in self.bodies.read(source.body, start, size) if size else ():
            md5.update(block)
            checksum.update(block)
        text = checksums.encode(checksum.digest())
        return upload.Received(size, md5.hexdigest(), algorithm, text, text)

    def list_parts(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Return a page of an upload's parts."""
        bucket = self.allowed(request, context, "s3:ListMultipartUploadParts", request["Key"])
        after, most = int(request.get("PartNumberMarker") or 0), request.get("MaxParts")
        most = 1000 if most is None else min(int(most), 1000)
        if most < 0 or after < 0:
            raise errors.invalid_argument(
                "Argument max-parts must be an integer between 0 and 2147483647", "max-parts", most
            )
        with self.store.read() as reader:
            begun = self.upload_of(reader, request)
            parts = reader.parts(begun.id, after, most + 1)
        more, parts = len(parts) > most > 0, parts[:most]
        owner = owner_of(bucket.account_id)
        found: dict[str, Any] = {
            "Bucket": bucket.name,
            "Key": request["Key"],
            "UploadId": begun.id,
            "PartNumberMarker": after,
            "NextPartNumberMarker": parts[-1].number if parts else 0,
            "MaxParts": most,
            "IsTruncated": more,
            "Owner": owner,
            "Initiator": owner,
            "StorageClass": begun.meta["class"],
        }
        if begun.meta["asked"]:
            found["ChecksumAlgorithm"] = begun.meta["algorithm"]
            found["ChecksumType"] = begun.meta["type"]
        if parts:
            found["Parts"] = [_part_entry(part, begun) for part in parts]
        return found | self._abort_date(bucket, begun)

    def abort_multipart_upload(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """End an upload without an object; its parts are gone."""
        self.allowed(request, context, "s3:AbortMultipartUpload", request["Key"])
        with self.store.change() as change:
            begun = self.upload_of(change, request)
            change.remove_upload(begun.id)
        self.bodies.discard(self.slots.forget(begun.id))
        return {}

    def complete_multipart_upload(
        self, request: dict[str, Any], context: Context
    ) -> dict[str, Any]:
        """Make the object of the parts that the request lists."""
        bucket = self.allowed(request, context, "s3:PutObject", request["Key"])
        key = key_of(request)
        with self.store.read() as reader:
            begun = reader.upload(request["UploadId"])
            latest = reader.latest(bucket.name, key)
            if begun is None and latest and latest.meta.get("upload") == request["UploadId"]:
                return self._completed(bucket, latest, request)
            begun = self.upload_of(reader, request)
            kept = {part.number: part for part in reader.parts(begun.id)}
        conditions.check_write(request, latest)
        parts = _chosen(request, kept, begun)
        version = self._assembled(bucket, begun, parts, request)
        version.body = self._join(begun, parts, list(kept.values()))
        try:
            done = self._commit_upload(bucket, version, begun, request, context)
        except BaseException:
            if version.body not in {part.body for part in kept.values()}:
                self.bodies.remove(version.body)
            raise
        self.slots.forget(begun.id)
        return self._completed(bucket, done, request)

    def _assembled(
        self, bucket: Any, begun: Upload, parts: list[Part], request: Request
    ) -> Version:
        size = sum(part.size for part in parts)
        expected = request.get("MpuObjectSize")
        if expected is not None and int(expected) != size:
            raise errors.invalid_request(
                "The provided 'x-amz-mp-object-size' header value does not match what was "
                f"computed: {size}"
            )
        now = times.now()
        meta = begun.meta["object"]
        meta["upload"] = begun.id
        meta["checksum"] = _checksum(begun, parts, request)
        meta["parts"] = [[part.size, part.checksum] for part in parts]
        md5 = hashlib.md5(
            b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False
        )
        return Version(
            bucket.name, begun.key, self.new_version_id(bucket), modified=now, size=size,
            etag=f"{md5.hexdigest()}-{len(parts)}", storage_class=begun.meta["class"], meta=meta,
        )  # fmt: skip

    def _join(self, begun: Upload, parts: list[Part], kept: list[Part]) -> str:
        """Return the body that holds the parts in a row: a file they are in, or a new one."""
        if sum(part.size for part in parts) == 0:
            return ""
        head = _leading(parts)
        shared = parts[0].body
        others = [part for part in kept if part.body == shared and part not in parts[:head]]
        if head and not others:
            name, rest = shared, parts[head:]
        else:
            name, rest = self.bodies.new(), parts
        target = self.bodies.create(name)
        try:
            at = sum(part.size for part in parts) - sum(part.size for part in rest)
            os.ftruncate(target, at)
            for part in rest:
                if part.size:
                    self.bodies.append(target, part.body, part.start, part.size, at)
                at += part.size
        finally:
            os.close(target)
        return name

    def _commit_upload(
        self, bucket: Any, version: Version, begun: Upload, request: Request, context: Context
    ) -> Version:
        with self.store.change() as change:
            latest = change.latest(bucket.name, version.key)
            if change.upload(begun.id) is None:
                if latest is not None and latest.meta.get("upload") == begun.id:
                    return latest
                raise errors.no_such_upload(begun.id)
            self.still(bucket)
            conditions.check_write(request, latest)
            change.put(version, bucket.versioning_status, version.modified)
            change.remove_upload(begun.id, keep=version.body)
            event = "ObjectCreated:CompleteMultipartUpload"
            self.notifier.post(change, bucket, event, version, context)
        return version

    def _completed(self, bucket: Any, version: Version, request: Request) -> dict[str, Any]:
        found = self.written(bucket, version)
        found |= {
            "Bucket": bucket.name,
            "Key": request["Key"],
            "Location": f"http://{bucket.name}.s3.amazonaws.com/{request['Key']}",
        }
        return found


def _leading(parts: list[Part]) -> int:
    """Return how many of the first parts lie in a row at the front of one file."""
    at = count = 0
    for part in parts:
        if part.body != parts[0].body or part.start != at or not part.body:
            break
        at += part.size
        count += 1
    return count


def _part_entry(part: Part, begun: Upload) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "PartNumber": part.number,
        "LastModified": times.to_second(part.modified),
        "ETag": f'"{part.etag}"',
        "Size": part.size,
    }
    if begun.meta["asked"]:
        entry[checksums.member(begun.meta["algorithm"])] = part.checksum
    return entry


def _chosen(request: Request, kept: dict[int, Part], begun: Upload) -> list[Part]:
    """Return the parts that a request lists, checked against those that came in.

    Raises `MalformedXML`, `InvalidPartOrder`, `InvalidPart` or `EntityTooSmall`.
    """
    listed = (request.get("MultipartUpload") or {}).get("Parts") or []
    if not listed:
        raise errors.malformed_xml()
    member = checksums.member(begun.meta["algorithm"])
    chosen: list[Part] = []
    for one in listed:
        number = int(one.get("PartNumber") or 0)
        if chosen and number <= chosen[-1].number:
            raise AWSError(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part "
                "number.",
                400,
                UploadId=begun.id,
            )
        part = kept.get(number)
        etag = str(one.get("ETag") or "").strip('"')
        if part is None or part.etag != etag or one.get(member, part.checksum) != part.checksum:
            raise AWSError(
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have "
                "been uploaded, or the specified entity tag may not match the part's entity tag.",
                400,
                UploadId=begun.id,
                PartNumber=number,
                ETag=etag,
            )
        chosen.append(part)
    _check_sizes(chosen)
    return chosen


def _check_sizes(parts: list[Part]) -> None:
    for part in parts[:-1]:
        if part.size < MIN_PART:
            raise AWSError(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                400,
                ETag=part.etag,
                PartNumber=part.number,
                ProposedSize=part.size,
                MinSizeAllowed=MIN_PART,
            )
    if (size := sum(part.size for part in parts)) > LARGEST:
        raise upload.too_large(size)


def _checksum(begun: Upload, parts: list[Part], request: Request) -> tuple[str, str, str]:
    """Return the object's checksum, compared with the one that the request names."""
    algorithm, kind = begun.meta["algorithm"], begun.meta["type"]
    if (asked := request.get("ChecksumType")) is not None and asked != kind:
        raise errors.invalid_request(
            f"The upload was created using the {kind} checksum mode. The complete request must use "
            "the same checksum mode."
        )
    size = checksums.SIZES[algorithm]
    digests = [checksums.decode(part.checksum, size) or b"" for part in parts]
    if kind == "COMPOSITE":
        value = checksums.composite(algorithm, digests)
    else:
        pairs = [(digest, part.size) for digest, part in zip(digests, parts, strict=True)]
        value = checksums.full_object(algorithm, pairs)
    given = request.get(checksums.member(algorithm))
    if given is not None and given.partition("-")[0] != value.partition("-")[0]:
        raise checksums.bad_digest(algorithm)
    return algorithm, value, kind
