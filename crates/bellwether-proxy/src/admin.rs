use std::{convert::Infallible, sync::Arc, time::Duration};

use bellwether_core::Time;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{RouteChange, Token, admin_error::AdminError, shared::Shared};

/// The largest body that is read: a route has some hundred bytes.
const BODY_MAX: usize = 64 * 1024;
/// How long a caller may take to send it.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers those who change the route and read the counts.
#[derive(Debug)]
pub(crate) struct AdminService {
    shared: Arc<Shared>,
    /// What a caller must show; absent where only the owner can connect.
    token: Option<Token>,
}

type Answer = Result<Vec<u8>, AdminError>;

impl AdminService {
    pub(crate) const fn new(shared: Arc<Shared>, token: Option<Token>) -> Self {
        Self { shared, token }
    }

    /// Answers one call.
    pub(crate) async fn call(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let answer = match self.authorize(&request) {
            Ok(()) => self.answer(request).await,
            Err(error) => Err(error),
        };
        Ok(respond(answer))
    }

    fn authorize(&self, request: &Request<Incoming>) -> Result<(), AdminError> {
        let Some(token) = &self.token else { return Ok(()) };
        let shown = request.headers().get(AUTHORIZATION);
        if shown.is_some_and(|shown| token.opens(shown.as_bytes())) {
            return Ok(());
        }
        Err(AdminError::Unauthorized)
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let control = &self.shared.control;
        match (path.as_str(), &method) {
            ("/route", &Method::GET) => json(&control.reading()),
            ("/route", &Method::PUT) => json(&control.apply(&read::<RouteChange>(request).await?)?),
            ("/intervals", &Method::GET) => {
                let [after, until] = times(&query)?;
                json(&control.intervals(after.unwrap_or(Time::MIN), until.unwrap_or(Time::MAX)))
            }
            ("/status", &Method::GET) => json(&control.status()),
            ("/route", _) => Err(AdminError::Method { allowed: "GET, PUT" }),
            ("/intervals" | "/status", _) => Err(AdminError::Method { allowed: "GET" }),
            _ => Err(AdminError::NotFound),
        }
    }
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, AdminError> {
    let body = Limited::new(request.into_body(), BODY_MAX).collect();
    let body = tokio::time::timeout(BODY_TIMEOUT, body).await.map_err(|_| AdminError::Slow)?;
    let body = body.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            AdminError::TooLarge { limit: BODY_MAX }
        } else {
            AdminError::Broken
        }
    })?;
    let bytes = body.to_bytes();
    let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| AdminError::json(&error))?;
    deserializer.end().map_err(|error| AdminError::Json { at: "$".to_owned(), message: error.to_string() })?;
    Ok(value)
}

/// Reads `after` and `until` of a query.
fn times(query: &str) -> Result<[Option<Time>; 2], AdminError> {
    let [mut after, mut until] = [None, None];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let place = match name {
            "after" => &mut after,
            "until" => &mut until,
            _ => return Err(AdminError::query(name, "expected `after` or `until`, found another parameter")),
        };
        let text = percent_decode(value).ok_or_else(|| AdminError::query(name, "expected %XX with two hex digits"))?;
        let time = text.parse::<Time>().map_err(|error| AdminError::query(name, error))?;
        if place.replace(time).is_some() {
            return Err(AdminError::query(name, "expected it once, found it twice"));
        }
    }
    Ok([after, until])
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? << 4 | hex(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_vec(value).map_err(|error| AdminError::Internal { message: error.to_string() })
}

fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let (status, body, allowed) = match answer {
        Ok(body) => (StatusCode::OK, body, None),
        Err(error) => (error.status(), error.to_json(), error.allowed()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_query_are_read_with_and_without_escapes() {
        let noon = "2026-03-02T12:00:00Z".parse().unwrap();
        assert_eq!(times("after=2026-03-02T12:00:00Z").unwrap(), [Some(noon), None]);
        assert_eq!(times("until=2026-03-02T13%3A00%3A00%2B01:00").unwrap(), [None, Some(noon)]);
        assert_eq!(times("").unwrap(), [None, None]);
    }

    #[test]
    fn a_query_that_is_not_understood_is_refused_with_its_place() {
        for (query, place) in [
            ("after=yesterday", "after"),
            ("before=2026-03-02T12:00:00Z", "before"),
            ("until=%4", "until"),
            ("until=%zz", "until"),
            ("after", "after"),
            ("after=2026-03-02T12:00:00Z&after=2026-03-02T12:00:00Z", "after"),
        ] {
            let error: serde_json::Value = serde_json::from_slice(&times(query).unwrap_err().to_json()).unwrap();
            assert_eq!(error["error"]["at"], format!("?{place}"), "{query}");
        }
    }
}
