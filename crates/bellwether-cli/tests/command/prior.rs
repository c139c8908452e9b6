use serde_json::Value;

use crate::call::{assert_answer, call, fixture};

/// A file with that text, and its path.
fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("commits.csv");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// A history in which large changes need a fix and small ones do not, but for every tenth.
fn history(commits: u32) -> String {
    let mut text = String::from("commit,date,bug,ns,nd,nf,entropy,la,ld,lt,fix,ndev,age,nuc,exp,rexp,sexp\n");
    for index in 0..commits {
        let is_large = index % 3 == 0;
        let bug = u8::from(is_large != (index % 10 == 0));
        let (la, nf) = if is_large { (400 + index % 50, 9) } else { (5 + index % 20, 1 + index % 3) };
        text += &format!("c{index},{index},{bug},1,1,{nf},0.5,{la},3,500,0,2,7,9,{},1.5,20\n", index % 97);
    }
    text
}

#[test]
fn commits_are_scored_one_a_line_in_the_files_order() {
    let answer = call(&["risk", "score", "--features", "commits.csv"]).answered(0);
    let lines: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = lines.iter().map(|line| line["commit"].as_str().unwrap()).collect();
    assert_eq!(names, ["a1f0", "b2e1", "c3d2", "d4c3"]);
    let probability = |index: usize| lines[index]["probability"].as_f64().unwrap();
    assert!((0..4).all(|index| (0.0..=1.0).contains(&probability(index))));
    assert!([0, 2, 3].iter().all(|index| probability(1) > probability(*index)), "{answer}");
    assert_answer(&call(&["risk", "score", "--features", "commits.csv", "--output", "text"]).answered(0), "score.txt");
}

#[test]
fn a_later_row_changes_no_earlier_score_and_the_order_of_the_file_none_at_all() {
    let all = fixture("commits.csv");
    let lines: Vec<&str> = all.lines().collect();
    let scores = |lines: &[&str]| {
        let (_folder, path) = file(&lines.join("\n"));
        let answer = call(&["risk", "score", "--features", &path]).answered(0);
        let mut scores: Vec<String> = answer.lines().map(str::to_owned).collect();
        scores.sort();
        scores
    };
    let sorted = scores(&lines);
    assert_eq!(scores(&[lines[0], lines[3], lines[4], lines[1], lines[2]]), sorted);
    assert_eq!(scores(&lines[..4]), sorted[..3]);
}

#[test]
fn a_table_of_ones_own_history_is_what_score_reads() {
    let (folder, path) = file(&history(600));
    let called = call(&["risk", "fit", "--features", &path]);
    assert_eq!(called.status, 0, "{}", called.err);
    assert!(called.err.contains("fitted on 600 commits"), "{}", called.err);
    let table = folder.path().join("table.json");
    std::fs::write(&table, &called.out).unwrap();
    let answer = call(&["risk", "score", "--features", &path, "--table", table.to_str().unwrap()]).answered(0);
    let lines: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines[3]["probability"].as_f64().unwrap() > 0.5 && lines[1]["probability"].as_f64().unwrap() < 0.5);
    let text = call(&["risk", "fit", "--features", &path, "--output", "text"]).answered(0);
    assert!(text.contains("band  commits  said"), "{text}");
}

#[test]
fn what_cannot_be_read_or_fitted_is_refused_with_its_place() {
    let text = fixture("commits.csv");
    let refused = |text: &str, verb: &str| {
        let (_folder, path) = file(text);
        let line = call(&["risk", verb, "--features", &path]).refused();
        line.strip_prefix(&path).map(str::to_owned).unwrap_or(line)
    };
    let missing = refused(&text.replace(",bug,", ",bugs,").replace(",sexp", ",s"), "fit");
    assert!(missing.starts_with(": line 1: expected columns sexp, bug, found commit, date, bugs, ns"), "{missing}");
    assert_eq!(
        refused(&text.replace("640", "-640"), "score"),
        ": line 3: la: expected a number from 0 on, found \"-640\""
    );
    assert_eq!(
        refused(&text.replace("640", "NaN"), "score"),
        ": line 3: la: expected a number from 0 on, found \"NaN\""
    );
    assert_eq!(
        refused(&text.replace(",0,1,1,1,", ",2,1,1,1,"), "score"),
        ": line 2: bug: expected 0 or 1, found \"2\""
    );
    let cut = refused(text.trim_end().strip_suffix(",900").unwrap(), "score");
    assert!(cut.starts_with(": expected CSV with as many fields in each line, found: "), "{cut}");
    assert_eq!(
        refused(&text, "fit"),
        "expected at least 150 rows of each kind for 15 coefficients, found 1 with a later fix and 3 without"
    );
}
