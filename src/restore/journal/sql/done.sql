-- The parts that are done, and the rows that the server took where they were not those that were sent.
SELECT entry, part, taken FROM ONLY pgark_restore.done;
