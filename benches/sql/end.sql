-- Leaves a workload's database as an installation's would be: nothing of the bench in it, statistics and
-- hint bits set, so that no run pays for what another one does not.
DROP SCHEMA bench CASCADE;
VACUUM (ANALYZE, FREEZE);
