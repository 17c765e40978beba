//! The journals that earlier restores have left in the target's databases, and their consequences for this
//! one. Pure.

use bstr::BString;

use crate::digest::Sha256;
use crate::monitor::units::{count, counted};
use crate::restore::contents::Contents;
use crate::restore::finding::Finding;
use crate::restore::journal::{Found, Identity};
use crate::restore::options::RestoreOptions;
use crate::restore::plan::DatabaseWork;
use crate::restore::target::facts::{Target, TargetDatabase};
use crate::schema::journal::Schema;

/// Everything that is wrong, and what the user should know. `archive` is the archive's digest.
pub(crate) fn check_journals(
    archive: Sha256,
    contents: &Contents,
    work: &[DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_any = false;
    for (database, work) in contents.databases.iter().zip(work) {
        let name = &database.target;
        let there = target.databases.get(name);
        findings.extend(there.and_then(|there| judge_schema(name, &there.schema, options)));
        if let Some(found) = there.and_then(|there| there.journal.as_ref()) {
            is_any = true;
            let plan = work.plan;
            findings.push(judge(name, found, &Identity { archive, plan }, options));
        }
    }
    if options.resume && !is_any && options.wants_databases() {
        findings.extend(nothing_to_resume(contents, target));
    }
    findings
}

/// The obstacle where the schema is not a journal that this user can read. It is not read.
fn judge_schema(name: &BString, schema: &Schema, options: &RestoreOptions) -> Option<Finding> {
    match schema {
        Schema::Absent
        | Schema::Journal {
            is_trusted: true, ..
        } => None,
        Schema::Journal { owner, .. } if options.clean && !options.resume => {
            Some(Finding::notice(format!(
                "database \"{name}\": the journal that a restore by role \"{owner}\" left there is dropped \
                 first"
            )))
        }
        Schema::Journal { owner, .. } => Some(Finding::problem(
            format!(
                "database \"{name}\" holds the journal of a restore by role \"{owner}\" that did not end, \
                 which is not read: others than you or a superuser could have written it"
            ),
            "Go on with it as that role. DROP SCHEMA pgark_restore CASCADE in the database forgets it.",
        )),
        Schema::Other if options.resume => Some(Finding::problem(
            format!(
                "database \"{name}\" has a schema pgark_restore that is not the journal of a restore: \
                 there is nothing to resume"
            ),
            "Look at its content. Rename it, and restores can be resumed again.",
        )),
        Schema::Other => Some(Finding::notice(format!(
            "database \"{name}\" has a schema pgark_restore that is not the journal of a restore: it stays \
             as it is, and no journal is kept, so that a restore that stops cannot be resumed"
        ))),
    }
}

fn judge(name: &BString, found: &Found, own: &Identity, options: &RestoreOptions) -> Finding {
    let far = format!(
        "{} of {}",
        count(found.begun_entries),
        counted(found.entries, "entry", "entries")
    );
    let began = &found.began_at;
    if !options.resume {
        return if options.clean {
            Finding::notice(format!(
                "database \"{name}\": the result of a restore of {began}, {far}, is dropped first"
            ))
        } else {
            Finding::problem(
                format!(
                    "database \"{name}\" holds the journal of a restore that did not end: {far}, from \
                     the archive with the digest {}, begun {began}, last noted {}",
                    found.identity.archive, found.noted_at
                ),
                "Go on with --resume, or start over with --create --clean, which replaces the database, or \
                 with --clean --if-exists. DROP SCHEMA pgark_restore CASCADE in it forgets the journal.",
            )
        };
    }
    if found.identity.archive != own.archive {
        return Finding::problem(
            format!(
                "database \"{name}\" was being restored from another archive: its journal of {began} \
                 names the digest {}, this archive has {}",
                found.identity.archive, own.archive
            ),
            "Resume with the archive that it was begun with, or start over without --resume.",
        );
    }
    if found.identity.plan != own.plan {
        return Finding::problem(
            format!(
                "the restore into database \"{name}\" was begun with other options, or of another database \
                 of the archive: it would not restore the same"
            ),
            "Resume with the options of the first call, or start over without --resume.",
        );
    }
    if found.complete.contains(&own.plan) {
        return Finding::notice(format!(
            "database \"{name}\": everything was restored, only the journal is left to be dropped"
        ));
    }
    Finding::notice(format!(
        "database \"{name}\": going on where the restore of {began} stopped, {far} were begun"
    ))
}

/// Without any journal there is nothing to go on with. Where nothing is there at all, the restore begins.
fn nothing_to_resume(contents: &Contents, target: &Target) -> Vec<Finding> {
    let holds_objects =
        |there: &TargetDatabase| there.objects.as_ref().is_some_and(|(count, _)| *count > 0);
    let names = contents.databases.iter().map(|database| &database.target);
    let full: Vec<Finding> = names
        .filter(|name| target.databases.get(*name).is_some_and(holds_objects))
        .map(|name| {
            Finding::problem(
                format!(
                    "there is nothing to resume: database \"{name}\" holds objects, and no journal of a \
                     restore"
                ),
                "A restore that came to its end leaves no journal, nor does one with -1 or one whose user \
                 may not create schemas.",
            )
        })
        .collect();
    if !full.is_empty() {
        return full;
    }
    vec![Finding::notice(
        "there is no journal to go on with, and nothing was restored yet: the restore begins",
    )]
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::restore::finding::Severity;
    use crate::restore::testing::{database, options, toc, work};

    fn found(archive: &[u8], plan: Sha256) -> Found {
        Found {
            identity: Identity {
                archive: Sha256::of(archive),
                plan,
            },
            entries: 5000,
            begun_entries: 1234,
            began_at: "2026-11-20 08:15:00 UTC".to_owned(),
            noted_at: "2026-11-20 08:20:00 UTC".to_owned(),
            is_prepared: true,
            complete: Vec::new(),
            done: HashMap::new(),
            taken: HashMap::new(),
        }
    }

    /// The findings about a restore of the archive "a" into a database with this content.
    fn check(
        options: &RestoreOptions,
        there: impl FnOnce(&DatabaseWork) -> TargetDatabase,
    ) -> Vec<(Severity, String)> {
        let contents = Contents {
            databases: vec![database("d", toc(vec![]))],
            globals: None,
        };
        let work = [work(&contents.databases[0], options)];
        let mut target = Target::default();
        target.databases.insert("d".into(), there(&work[0]));
        let findings = check_journals(Sha256::of(b"a"), &contents, &work, &target, options);
        let texts = findings
            .into_iter()
            .map(|found| (found.severity, found.text));
        texts.collect()
    }

    fn with(found: Found) -> TargetDatabase {
        TargetDatabase {
            journal: Some(found),
            ..TargetDatabase::default()
        }
    }

    #[track_caller]
    fn assert_one(found: &[(Severity, String)], severity: Severity, part: &str) {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].0 == severity && found[0].1.contains(part),
            "{found:?}"
        );
    }

    #[test]
    fn a_journal_is_in_the_way_of_another_restore() {
        let found = check(&options(), |work| with(found(b"a", work.plan)));
        assert_one(&found, Severity::Problem, "1,234 of 5,000 entries, from");
    }

    #[test]
    fn a_journal_is_of_use_with_the_same_archive_and_the_same_options() {
        let mut options = options();
        options.resume = true;
        let cases: [(&[u8], &[u8], Severity, &str); 3] = [
            (b"b", b"", Severity::Problem, "from another archive"),
            (b"a", b"other", Severity::Problem, "with other options"),
            (b"a", b"", Severity::Notice, "going on where the restore of"),
        ];
        for (archive, plan, severity, part) in cases {
            let found = check(&options, |work| {
                let plan = if plan.is_empty() {
                    work.plan
                } else {
                    Sha256::of(plan)
                };
                with(found(archive, plan))
            });
            assert_one(&found, severity, part);
        }
    }

    #[test]
    fn without_a_journal_only_an_empty_database_is_restored() {
        let mut options = options();
        options.resume = true;
        let holds = |objects| TargetDatabase {
            objects: Some((objects, "table t".to_owned())),
            ..TargetDatabase::default()
        };
        let empty = check(&options, |_| holds(0));
        assert_one(&empty, Severity::Notice, "the restore begins");
        let full = check(&options, |_| holds(3));
        assert_one(&full, Severity::Problem, "there is nothing to resume");
    }
}
