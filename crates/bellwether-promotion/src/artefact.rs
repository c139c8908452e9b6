//! What makes two artefacts the same: their digests, never their names.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
};

use bellwether_core::Version;

/// The algorithms of digests with the number of their hexadecimal digits: those that the OCI image specification
/// registers, and SHA-1 as git uses it for commits.
const ALGORITHMS: [(&str, usize); 5] = [("sha256", 64), ("sha384", 96), ("sha512", 128), ("blake3", 64), ("sha1", 40)];

/// The bare digests of git: SHA-1 and SHA-256.
const BARE: [usize; 2] = [40, 64];

/// Why a version is not the same bytes for ever.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Mutable {
    /// It has no digest at all.
    Unnamed,
    /// What stands in place of a digest can be moved.
    Moves { kind: String, found: String },
}

/// How what was seen differs from what was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Difference {
    pub(crate) kind: String,
    pub(crate) made: String,
    /// `None` when nobody looked.
    pub(crate) seen: Option<String>,
}

/// What of a version could be moved to other bytes, if anything. What varies is no identity.
pub(crate) fn mutable(version: &Version, varies: &BTreeSet<String>) -> Option<Mutable> {
    if version.digests.keys().all(|kind| varies.contains(kind)) {
        return Some(Mutable::Unnamed);
    }
    let moves = version.digests.iter().find(|(_, digest)| bytes(digest).is_none());
    moves.map(|(kind, found)| Mutable::Moves { kind: kind.clone(), found: found.chars().take(80).collect() })
}

/// The first of the digests that a version was made of that was not seen, those aside that vary.
pub(crate) fn difference(
    made: &Version,
    seen: &BTreeMap<String, String>,
    varies: &BTreeSet<String>,
) -> Option<Difference> {
    let compared = made.digests.iter().filter(|(kind, _)| !varies.contains(*kind));
    let differs = |(kind, made): (&String, &String)| {
        let found = seen.get(kind);
        let is_same = found.is_some_and(|seen| bytes(seen).is_some() && bytes(seen) == bytes(made));
        (!is_same).then(|| Difference { kind: kind.clone(), made: made.clone(), seen: found.cloned() })
    };
    compared.filter_map(differs).next()
}

/// The digest within a reference such as `registry/app@sha256:...`; `None` for a tag, or for a part of a digest.
fn bytes(reference: &str) -> Option<&str> {
    let digest = reference.rsplit('@').next()?;
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_digest = match digest.split_once(':') {
        Some((algorithm, hex)) => ALGORITHMS.contains(&(algorithm, hex.len())) && is_hex(hex),
        None => BARE.contains(&digest.len()) && is_hex(digest),
    };
    is_digest.then_some(digest)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn only_a_whole_digest_is_one() {
        let hex = |digits: usize| "0f".repeat(digits / 2);
        for text in [
            format!("sha256:{}", hex(64)),
            format!("sha512:{}", hex(128)),
            format!("registry.example.com:5000/team/app@sha256:{}", hex(64)),
            format!("registry.example.com/app:1.2@sha256:{}", hex(64)),
            hex(40),
            hex(64),
        ] {
            assert!(bytes(&text).is_some(), "{text:?} was refused");
        }
        for text in [
            "latest".into(),
            "v1.2.0".into(),
            "registry.example.com/user-service:v1.2.0".into(),
            String::new(),
            "sha256:0f3a".into(),
            format!("sha256:{}", hex(62)),
            format!("sha256:{}", hex(64).to_uppercase()),
            format!("md5:{}", hex(32)),
            format!("sha256:{} ", hex(64)),
            format!("sha256:{}@latest", hex(64)),
            hex(42),
        ] {
            assert_eq!(bytes(&text), None, "{text:?} was taken");
        }
    }

    #[test]
    fn the_registry_that_an_image_comes_from_is_not_its_bytes() {
        let digest = format!("sha256:{}", "1".repeat(64));
        let made = Version::named("1").with_digest("image", &format!("build.example.com/app@{digest}"));
        let seen = |reference: String| BTreeMap::from([("image".into(), reference)]);
        assert_eq!(difference(&made, &seen(format!("mirror.example.com/app@{digest}")), &BTreeSet::new()), None);
        assert!(difference(&made, &seen(format!("sha256:{}", "2".repeat(64))), &BTreeSet::new()).is_some());
    }

    #[test]
    fn what_was_not_looked_at_is_a_difference_unless_it_varies() {
        let made = Version::named("1").with_digest("image", &"1".repeat(64)).with_digest("schema", &"2".repeat(64));
        let seen = BTreeMap::from([("image".into(), "1".repeat(64))]);
        let found = difference(&made, &seen, &BTreeSet::new()).unwrap();
        assert_eq!((found.kind.as_str(), found.seen), ("schema", None));
        assert_eq!(difference(&made, &seen, &BTreeSet::from(["schema".into()])), None);
    }
}
