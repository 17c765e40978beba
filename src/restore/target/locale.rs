//! Whether the target server has the locales that databases are to be created with.

use super::facts::Target;
use crate::pg::Session;
use crate::restore::contents::DatabaseContents;
use crate::toc::quote;

/// Why a database cannot have its locale on this server, if the server says so.
///
/// A collation of the same locale is created and rolled back. It must suit the encoding of the
/// database we are in, so nothing is learnt about databases of other encodings.
pub(crate) async fn try_locale(
    session: &mut Session,
    target: &Target,
    database: &DatabaseContents,
) -> Option<String> {
    let facts = &database.facts;
    let wanted = facts.locale.as_ref()?;
    let here = session.parameter("server_encoding")?;
    if facts.encoding.as_deref().map(str::as_bytes) != Some(here)
        || !target.has_provider(&wanted.provider)
    {
        return None;
    }
    let literal = |text: &str| quote::literal(text.as_bytes());
    let locale = match (wanted.provider.as_str(), &wanted.name) {
        ("libc", _) if is_c(&wanted.collate) && is_c(&wanted.ctype) => return None,
        ("libc", _) => format!(
            "LC_COLLATE = {}, LC_CTYPE = {}",
            literal(&wanted.collate),
            literal(&wanted.ctype)
        ),
        (provider, Some(locale)) => {
            format!("PROVIDER = {provider}, LOCALE = {}", literal(locale))
        }
        _ => return None,
    };
    let sql = format!("CREATE COLLATION pg_temp.pgark_preflight ({locale})");
    session.execute(b"BEGIN").await.ok()?;
    let tried = session.execute(sql.as_bytes()).await;
    session.execute(b"ROLLBACK").await.ok()?;
    match tried {
        // A user who may not create temporary objects learns nothing.
        Err(error) if error.sqlstate() != Some("42501") => Some(error.db()?.message.clone()),
        _ => None,
    }
}

fn is_c(locale: &str) -> bool {
    matches!(locale, "C" | "POSIX")
}
