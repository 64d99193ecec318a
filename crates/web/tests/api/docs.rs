use crate::server::Server;

#[test]
fn the_page_shows_every_path_and_loads_nothing_of_others() {
    let server = Server::start();
    let got = server.bare("GET", "/docs", b"");
    assert_eq!(got.status, 200);
    let page = String::from_utf8(got.body.clone()).expect("text");
    for endpoint in web::api::ENDPOINTS {
        assert!(page.contains(&format!("<code>{}</code>", endpoint.path)), "{}", endpoint.path);
    }
    for loading in ["<script", "style=", "src=", "href=\"http", "url("] {
        assert!(!page.contains(loading), "{loading}");
    }
    assert!(got.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    assert_eq!(server.bare("GET", "/docs.css", b"").header("content-type"), "text/css; charset=utf-8");
}
