//! From a question to standard output: one document and one answer, or one line and one line.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    answer::{Answer, Question, Status},
    command::{Input, Options, Output},
    complaint::{Complaint, Wrong},
    document,
    fault::is_hidden,
    id,
    line::{Size, next_line, skip_line},
    look::Look,
    node::Node,
    source::{Source, too_large},
};

/// Asks a question about one document, or about every line of one.
pub(crate) fn ask<Q: Question>(question: &Q, file: Option<PathBuf>, options: Options) -> Result<Status, Complaint> {
    let source = Source::new(file);
    if options.lines {
        check_lines(options)?;
        return ask_lines(question, &source);
    }
    let node = document::read_node(&source, Q::BYTES_MAX, options.input)?;
    let answer = answer_node(question, node).map_err(|complaint| complaint.of(&source))?;
    show(&answer, options)
}

/// A line is JSON: nothing else is sure to stand in one line.
fn check_lines(options: Options) -> Result<(), Complaint> {
    match options.input {
        None | Some(Input::Json) => Ok(()),
        Some(Input::Yaml | Input::Toml) => {
            Err(Complaint::new("call", "", "expected JSON beside --lines, found another --input"))
        }
    }
}

fn answer_node<Q: Question>(question: &Q, node: Node) -> Result<Q::Answer, Complaint> {
    let missing = Q::REQUIRED.iter().find(|field| matches!(node, Node::Map(_)) && node.get(field).is_none());
    match missing {
        Some(field) => Err(Complaint::new("invalid", "$", format_args!("expected a field `{field}`, found none"))),
        None => question.answer(document::typed(node)?),
    }
}

/// Refuses options that say how a document is read, where none is.
pub(crate) fn refuse_document_options(options: Options) -> Result<(), Complaint> {
    let option = match options {
        Options { lines: true, .. } => "--lines",
        Options { input: Some(_), .. } => "--input",
        Options { .. } => return Ok(()),
    };
    Err(no_lines(option))
}

/// There is no document, or more than one, that the option could be about.
pub(crate) fn no_lines(option: &str) -> Complaint {
    let message = format_args!(
        "expected {option} beside a verb that reads one document (risk, plan, window, promotion, judge, gate), found another verb"
    );
    Complaint::new("call", "", message)
}

/// Prints one answer.
pub(crate) fn show(answer: &impl Answer, options: Options) -> Result<Status, Complaint> {
    let status = answer.status();
    if is_text(options) {
        let look = Look::on(&io::stdout(), options);
        print(&look.safe(&answer.text(&look)))?;
        return Ok(status);
    }
    print(&escaped(&answer.document().map_err(|error| unprintable(&error))?))?;
    let look = Look::on(&io::stderr(), options);
    for finding in answer.beside() {
        tell(&look.finding(finding));
    }
    Ok(status)
}

/// The same document, in which no text holds a sign that a terminal would obey.
fn escaped(document: &str) -> String {
    document.chars().fold(String::with_capacity(document.len()), |mut text, sign| {
        if sign != '\n' && is_hidden(sign) {
            text += &format!("\\u{:04x}", u32::from(sign));
        } else {
            text.push(sign);
        }
        text
    })
}

/// Whether text is wanted: it is the default on a terminal.
pub(crate) fn is_text(options: Options) -> bool {
    match options.output {
        Some(Output::Text) => true,
        Some(Output::Json) => false,
        None => io::stdout().is_terminal(),
    }
}

/// Prints one text and a line end. A reader who has seen enough and closed the pipe is no error.
pub(crate) fn print(text: &str) -> Result<(), Complaint> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritable(&error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Tells one line on standard error. There is nowhere to tell that this failed.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// One answered line.
#[derive(Serialize)]
struct Answered<'a, A> {
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    answer: &'a A,
}

/// One line that got no answer.
#[derive(JsonSchema, Serialize)]
pub(crate) struct Unanswered {
    /// The line's own, where it could be read.
    #[schemars(with = "serde_json::Value")]
    id: Option<Box<RawValue>>,
    /// What is wrong with it.
    error: Wrong,
}

/// As much of a line that is too long is passed over to find the next one.
const SKIPPED_MAX: u64 = 64 * 1_024 * 1_024;

/// The answer to each line, in the same order. Each is flushed, so that a caller may wait for it before the next line.
fn ask_lines<Q: Question>(question: &Q, source: &Source) -> Result<Status, Complaint> {
    let mut reader = source.open()?;
    let mut out = io::stdout().lock();
    let mut line = Vec::new();
    while let Some(size) = next_line(&mut reader, &mut line, Q::BYTES_MAX).map_err(|error| source.unreadable(&error))? {
        let text = match size {
            Size::Whole => answer_line(question, &line),
            Size::Cut => unanswered(None, &too_large(Q::BYTES_MAX)),
        };
        let text = text.map_err(|error| unprintable(&error))? + "\n";
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(unwritable(&error)),
        }
        if size == Size::Cut && !skip_line(&mut reader, SKIPPED_MAX).map_err(|error| source.unreadable(&error))? {
            let message = format_args!("expected a line end within {SKIPPED_MAX} bytes more, found none");
            return Err(Complaint::new("too_large", "$", message).of(source));
        }
    }
    Ok(Status::Pass)
}

fn answer_line<Q: Question>(question: &Q, line: &[u8]) -> serde_json::Result<String> {
    let id = match id::of(line) {
        Ok(id) => id,
        Err(complaint) => return unanswered(None, &complaint),
    };
    let answered = document::json_line(line).and_then(|mut node| {
        // The line's `id` is no part of its document unless the document has an `id` of its own.
        if let (Node::Map(map), false) = (&mut node, Q::OWNS_ID) {
            map.remove("id");
        }
        answer_node(question, node)
    });
    match answered {
        Ok(answer) => serde_json::to_string(&Answered { id: id.as_deref(), answer: &answer }),
        Err(complaint) => unanswered(id, &complaint),
    }
}

fn unanswered(id: Option<Box<RawValue>>, complaint: &Complaint) -> serde_json::Result<String> {
    serde_json::to_string(&Unanswered { id, error: complaint.wrong().clone() })
}

fn unwritable(error: &io::Error) -> Complaint {
    Complaint::new("unwritable", "", format_args!("expected to write the answer, found: {error}")).of("<stdout>")
}

fn unprintable(error: &serde_json::Error) -> Complaint {
    Complaint::new("unprintable", "", format_args!("expected an answer with a JSON form, found: {error}"))
}
