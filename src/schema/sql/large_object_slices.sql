-- The large objects from :from_oid to :to_oid in slices of :slice_bytes bytes, for a role that may not read
-- pg_largeobject. 262144 is INV_READ; 2 is SEEK_END. OFFSET 0 keeps each call in its place.
SELECT sized.oid, slice.byte_offset, pg_catalog.lo_get(sized.oid, slice.byte_offset, :slice_bytes)
FROM (SELECT opened.oid,
             pg_catalog.lo_lseek64(opened.descriptor, 0, 2) AS bytes,
             opened.descriptor
      FROM (SELECT m.oid, pg_catalog.lo_open(m.oid, 262144) AS descriptor
            FROM pg_catalog.pg_largeobject_metadata AS m
            WHERE m.oid OPERATOR(pg_catalog.>=) :from_oid::pg_catalog.oid
              AND m.oid OPERATOR(pg_catalog.<=) :to_oid::pg_catalog.oid
            ORDER BY m.oid OFFSET 0) AS opened
      OFFSET 0) AS sized
CROSS JOIN LATERAL (SELECT pg_catalog.lo_close(sized.descriptor) AS closed OFFSET 0) AS closing
CROSS JOIN LATERAL pg_catalog.generate_series(0::pg_catalog.int8, sized.bytes OPERATOR(pg_catalog.-) 1, :slice_bytes)
    AS slice(byte_offset)
WHERE closing.closed OPERATOR(pg_catalog.=) 0;
