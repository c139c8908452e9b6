//! Style that a program can check. Each rule is a function from the tree to its complaints, in a file of its own.

mod arrow;
mod document;
mod manifest;
mod mark;
mod purity;
mod ratchet;
mod row;

use crate::complaint::Complaint;
use crate::failure::Failure;
use crate::package::Package;
use crate::tree::Tree;

pub(crate) fn run() -> Result<(), Failure> {
    let complaints = check(&Tree::load()?)?;
    for complaint in &complaints {
        println!("{complaint}");
    }
    if !complaints.is_empty() {
        return Err(Failure::Untidy(complaints.len()));
    }
    println!("tidy: nothing to mend");
    Ok(())
}

fn check(tree: &Tree) -> Result<Vec<Complaint>, Failure> {
    let packages = Package::all(tree)?;
    let mut complaints = arrow::check(&packages);
    complaints.extend(manifest::check(tree, &packages)?);
    complaints.extend(purity::check(tree, &packages));
    complaints.extend(ratchet::check(tree));
    complaints.extend(mark::check(tree));
    complaints.extend(document::check(tree, &packages));
    Ok(complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let complaints = check(&Tree::load().unwrap()).unwrap();
        let lines: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }
}
