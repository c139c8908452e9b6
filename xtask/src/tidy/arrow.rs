use crate::complaint::Complaint;
use crate::package::Package;

use super::row::{Row, is_own};

/// Each dependency that the table of crates does not allow, and each crate that the table does not know.
pub(super) fn check(packages: &[Package]) -> Vec<Complaint> {
    packages.iter().flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<Complaint> {
    let path = package.manifest_path.as_str();
    if package.name == "xtask" {
        let own = package.dependencies().into_iter().filter(|dependency| is_own(&dependency.name));
        return own
            .map(|it| Complaint::new(path, it.line, "xtask builds before everything and uses no crate"))
            .collect();
    }
    let Some(row) = Row::of(&package.name) else {
        let text = format!("`{}` is not in the table of crates: add a row to xtask/src/tidy/row.rs", package.name);
        return vec![Complaint::new(path, 1, text)];
    };
    let refused = package.dependencies().into_iter().filter(|dependency| !row.may_use(&dependency.name));
    refused
        .map(|dependency| {
            let text = format!("`{}` may not use `{}` (xtask/src/tidy/row.rs)", package.name, dependency.name);
            Complaint::new(path, dependency.line, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::tree::Tree;

    use super::*;

    fn found(name: &str, dependencies: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest = format!("[package]\nname = \"{name}\"\n{dependencies}");
        let packages = Package::all(&Tree::from([(path.as_str(), manifest.as_str())])).unwrap();
        check(&packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_that_the_table_lacks_is_named_with_its_line() {
        assert_eq!(
            found("bellwether-gate", "[dependencies]\nserde = \"1\"\nbellwether-risk.workspace = true\n"),
            [
                "crates/bellwether-gate/Cargo.toml:5: `bellwether-gate` may not use `bellwether-risk` (xtask/src/tidy/row.rs)"
            ]
        );
    }

    #[test]
    fn an_allowed_arrow_and_any_arrow_of_tests_pass() {
        let text =
            "[dependencies]\nbellwether-core = \"1\"\n[dev-dependencies]\nbellwether-risk = \"1\"\ntokio = \"1\"";
        assert!(found("bellwether-gate", text).is_empty());
    }

    #[test]
    fn a_foreign_crate_is_refused_in_a_decision_and_free_below() {
        assert_eq!(found("bellwether-strategy", "[dependencies]\nrand = \"1\"").len(), 1);
        assert_eq!(found("bellwether-gate", "[dependencies]\nsha2 = \"1\"").len(), 1);
        assert!(found("bellwether-strategy", "[dependencies]\nsha2 = \"1\"").is_empty());
        assert!(found("bellwether-proxy", "[dependencies]\nrand = \"1\"").is_empty());
    }

    #[test]
    fn a_renamed_dependency_is_known_by_its_package() {
        let text = "[dependencies]\ncore = { package = \"bellwether-risk\", version = \"1\" }";
        assert_eq!(found("bellwether-gate", text).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_an_error() {
        assert!(found("bellwether-common", "").first().unwrap().contains("add a row"));
    }

    #[test]
    fn xtask_uses_none_of_the_crates_it_builds() {
        let manifest = "[package]\nname = \"xtask\"\n[dependencies]\ntoml = \"1\"\nbellwether-core = \"1\"\n";
        let packages = Package::all(&Tree::from([("xtask/Cargo.toml", manifest)])).unwrap();
        assert_eq!(check(&packages).iter().map(|it| it.line).collect::<Vec<_>>(), [5]);
    }
}
