//! The outcome as text. Pure: `cli` prints it.

use crate::monitor::units;

use super::report::{Verdict, VerifyOutcome};
use crate::verify::options::Mode;

/// The outcome for people, ended by a newline.
pub fn text(outcome: &VerifyOutcome) -> String {
    match &outcome.verdict {
        Verdict::Whole => whole(outcome, ""),
        Verdict::OtherArchive { demanded } => whole(
            outcome,
            &format!(", and not the archive with digest {demanded}"),
        ),
        Verdict::NotVerifiable { why, .. } => format!("not verifiable: {why}\n"),
        Verdict::Damaged { findings, total } => {
            let problems = units::counted(*total, "problem", "problems");
            let mut out = format!("damaged: \"{}\", {problems}\n", outcome.location);
            for finding in findings {
                out.push_str(&format!("  {finding}\n"));
            }
            let more = total.saturating_sub(findings.len() as u64);
            if more > 0 {
                out.push_str(&format!("  and {} more\n", units::count(more)));
            }
            out
        }
    }
}

/// The outcome as one JSON object, ended by a newline.
pub fn json(outcome: &VerifyOutcome) -> Result<String, serde_json::Error> {
    let mut out = serde_json::to_string_pretty(outcome)?;
    out.push('\n');
    Ok(out)
}

/// `but` follows the list of checks.
fn whole(outcome: &VerifyOutcome, but: &str) -> String {
    let looked = match outcome.mode {
        Mode::Quick => "tail, manifest and tables of contents".to_owned(),
        Mode::Full => "every byte".to_owned(),
        Mode::Deep => {
            let rows = outcome.rows_counted.unwrap_or_default();
            format!("every byte and {}", units::counted(rows, "row", "rows"))
        }
    };
    let databases = units::counted(outcome.databases, "database", "databases");
    let tables = units::counted(outcome.tables, "table", "tables");
    let members = units::counted(outcome.members, "member", "members");
    let bytes = units::bytes(outcome.file_bytes.unwrap_or_default());
    let digest = outcome.digest.as_deref().unwrap_or("-");
    format!(
        "whole: \"{}\" ({looked} checked){but}\n  {databases}, {tables}, {members}, {bytes}\n  digest {digest}\n",
        outcome.location
    )
}

impl VerifyOutcome {
    /// What the user can do next; nothing where all is well.
    pub fn hint(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Whole => None,
            Verdict::OtherArchive { .. } => Some(
                "It is not damaged. Look for the archive that the digest was written down for, or for the digest of this \
                 one where it was dumped."
                    .to_owned(),
            ),
            Verdict::NotVerifiable { hint, .. } => hint.clone(),
            Verdict::Damaged { .. } if !self.has_checksums => Some(
                "Take another copy of the archive. It carries no checksums: of what is damaged, only \
                 what cannot be decoded is noticed."
                    .to_owned(),
            ),
            // Without the manifest there is no way in but from the front.
            Verdict::Damaged { .. } if self.digest.is_none() => Some(
                "Take another copy of the archive. Of this one, tar and sha256sum -c SHA256SUMS show what is \
                 whole, and pg_restore takes it."
                    .to_owned(),
            ),
            Verdict::Damaged { .. } => Some(
                "Take another copy of the archive. Without one, restore --skip-damaged leaves out what is named \
                 above and restores everything else."
                    .to_owned(),
            ),
        }
    }
}
