//! Sign-in by somebody else: the province's unified identity service (省统一身份认证) by OpenID Connect, behind one trait.

/// What a provider has verified of a person or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedClaims {
    /// Name as on the document.
    pub name: String,
    /// Document number or USCC.
    pub number: String,
    /// Level of assurance as the provider states it, for the audit log (`实名`, `实人`).
    pub assurance: String,
}

/// Why a provider did not vouch for anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}；{fix}")]
pub struct SignInError {
    /// What happened, Chinese.
    pub what: String,
    /// What to do, Chinese.
    pub fix: String,
}

/// A sign-in service. An OpenID Connect implementation sends the browser to the authorisation endpoint (code flow with PKCE),
/// exchanges the code, checks the ID token's signature, `iss`, `aud`, `exp` and `nonce`, and hands back the claims; the claims then
/// go to [`crate::Province::sign_in_by`], which gives the same [`super::HolderSubject`] as a one-time code.
///
/// The web layer keeps `state` and `nonce` in the browser's not-yet-signed-in session and compares `state` itself.
pub trait SignInProvider: Send + Sync {
    /// Short name; stands in the session and in the audit log (`province-sso`).
    fn name(&self) -> &str;

    /// Chinese label of the button.
    fn label(&self) -> &str;

    /// Where the browser is sent to. `back` is our own address to return to.
    ///
    /// # Errors
    /// A provider that is not configured or cannot be reached.
    fn begin(&self, state: &str, nonce: &str, back: &str) -> Result<String, SignInError>;

    /// What the provider vouches for after the browser's return with these query parameters. `now` is microseconds UTC.
    ///
    /// # Errors
    /// Refused by the person or by the provider; a token that does not hold.
    fn finish(
        &self,
        query: &[(String, String)],
        nonce: &str,
        now: i64,
    ) -> Result<VerifiedClaims, SignInError>;
}
