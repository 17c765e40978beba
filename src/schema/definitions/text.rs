//! Two macros that put SQL together from bytes: names are bytes in the database's encoding, not UTF-8.

/// Appends each part, anything with bytes, to a `BString`.
macro_rules! push {
    ($out:expr, $($part:expr),+ $(,)?) => {
        { $( $out.extend_from_slice(AsRef::<[u8]>::as_ref(&$part)); )+ }
    };
}

/// A `BString` of all parts.
macro_rules! sql {
    ($($part:expr),+ $(,)?) => {{
        let mut out = bstr::BString::default();
        $crate::schema::definitions::text::push!(out, $($part),+);
        out
    }};
}

pub(super) use {push, sql};
