//! What a proxy changes in the head of a message (RFC 9110, section 7.6).

use hyper::{
    HeaderMap, Request, Uri, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
        TRANSFER_ENCODING, UPGRADE, VIA,
    },
    http::request::Parts,
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Who sends a request and who gets it, as headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends<'a> {
    pub(crate) client: &'a HeaderValue,
    pub(crate) upstream: &'a HeaderValue,
}

/// Makes a client's request one that an upstream can be sent.
pub(crate) fn prepare_request<B>(request: Request<B>, ends: Ends<'_>) -> Request<B> {
    let (mut parts, body) = request.into_parts();
    let via = via(parts.version);
    let trailers = accepts_trailers(&parts.headers);
    // Both together would let two servers disagree on where the request ends (RFC 9112, section 6.1).
    if parts.headers.contains_key(TRANSFER_ENCODING) {
        parts.headers.remove(CONTENT_LENGTH);
    }
    remove_hop_by_hop(&mut parts.headers);
    if trailers {
        parts.headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    prepare_target(&mut parts, ends.upstream);
    append_forwarded_for(&mut parts.headers, ends.client);
    parts.headers.entry(X_FORWARDED_PROTO).or_insert(HeaderValue::from_static("http"));
    parts.headers.append(VIA, via);
    parts.version = Version::HTTP_11;
    Request::from_parts(parts, body)
}

/// Makes an upstream's answer one that a client can be sent.
pub(crate) fn prepare_answer(headers: &mut HeaderMap, version: Version) {
    remove_hop_by_hop(headers);
    headers.append(VIA, via(version));
}

fn via(received: Version) -> HeaderValue {
    HeaderValue::from_static(if received == Version::HTTP_10 { "1.0 bellwether" } else { "1.1 bellwether" })
}

/// An upstream takes a path and a host, also from a client that named both in one (RFC 9112, section 3.2.2).
fn prepare_target(parts: &mut Parts, upstream: &HeaderValue) {
    if let Some(authority) = parts.uri.authority() {
        if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
            parts.headers.insert(HOST, host);
        }
        let path = parts.uri.path_and_query().cloned();
        parts.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    }
    parts.headers.entry(HOST).or_insert_with(|| upstream.clone());
}

fn append_forwarded_for(headers: &mut HeaderMap, client: &HeaderValue) {
    headers.append(X_FORWARDED_FOR, client.clone());
}

fn accepts_trailers(headers: &HeaderMap) -> bool {
    headers.get_all(TE).iter().any(|value| tokens(value).any(|token| token.eq_ignore_ascii_case("trailers")))
}

/// Removes what is meant for the next hop only, and what the sender says is.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(tokens)
        .filter(|token| !token.eq_ignore_ascii_case("keep-alive") && !token.eq_ignore_ascii_case("close"))
        .filter_map(|token| HeaderName::try_from(token).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [
        CONNECTION,
        KEEP_ALIVE,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        PROXY_CONNECTION,
        TE,
        TRANSFER_ENCODING,
        UPGRADE,
    ] {
        headers.remove(name);
    }
}

fn tokens(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(request: Request<()>) -> Request<()> {
        let (client, upstream) = (HeaderValue::from_static("192.0.2.7"), HeaderValue::from_static("127.0.0.1:8081"));
        prepare_request(request, Ends { client: &client, upstream: &upstream })
    }

    fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn what_is_for_one_hop_only_is_removed_and_the_rest_is_kept() {
        let request = Request::get("/")
            .header("host", "shop.example")
            .header("connection", "Keep-Alive, X-Hop")
            .header("connection", "x-second")
            .header("keep-alive", "timeout=5")
            .header("proxy-connection", "keep-alive")
            .header("proxy-authorization", "Basic x")
            .header("te", "gzip, trailers")
            .header("transfer-encoding", "chunked")
            .header("content-length", "5")
            .header("upgrade", "websocket")
            .header("x-hop", "1")
            .header("x-second", "1")
            .header("x-kept", "1")
            .body(())
            .unwrap();
        let request = prepared(request);
        let mut names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["host", "te", "via", "x-forwarded-for", "x-forwarded-proto", "x-kept"]);
        assert_eq!(all(request.headers(), "te"), ["trailers"]);
    }

    #[test]
    fn the_client_is_added_to_those_who_forwarded_before() {
        let request = Request::get("/").header("x-forwarded-for", "203.0.113.9").version(Version::HTTP_10).body(());
        let request = prepared(request.unwrap());
        assert_eq!(all(request.headers(), "x-forwarded-for"), ["203.0.113.9", "192.0.2.7"]);
        assert_eq!(all(request.headers(), "via"), ["1.0 bellwether"]);
        assert_eq!(request.version(), Version::HTTP_11);
        assert_eq!(all(request.headers(), "host"), ["127.0.0.1:8081"], "HTTP/1.1 needs one");
    }

    #[test]
    fn a_whole_address_becomes_a_path_and_a_host() {
        let request =
            Request::get("http://shop.example:81/cart?id=7").header("host", "other.example").body(()).unwrap();
        let request = prepared(request);
        assert_eq!(request.uri(), "/cart?id=7");
        assert_eq!(all(request.headers(), "host"), ["shop.example:81"]);
        assert_eq!(prepared(Request::get("http://shop.example").body(()).unwrap()).uri(), "/");
        assert_eq!(prepared(Request::options("*").body(()).unwrap()).uri(), "*");
    }
}
