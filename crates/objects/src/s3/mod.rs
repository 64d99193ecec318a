//! Objects in S3 or what speaks like it: one stored object a record, named by its digest.
//!
//! Calls block; the asynchronous client runs on threads of its own, so they may be made from any thread. There is no
//! TLS inside: contents are encrypted and authenticated already, and 国密 TLS ends at a gateway beside the node.

mod http;
mod signing;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, RetryConfig,
};
use tokio::runtime::Runtime;

use crate::{
    Condition, DIGEST_LEN, Damage, HEADER_LEN, Header, Object, ObjectError, ObjectKeys, ObjectStore, Place,
    Probe, Scrubbed, check_names, hex, record,
};

/// Objects that are sent at once.
const PARALLEL: usize = 16;

/// Where the objects are and how to get in.
#[derive(Clone)]
pub struct S3Options {
    /// Address such as `http://10.0.0.5:9000`.
    pub endpoint: String,
    /// Region that the signature names.
    pub region: String,
    /// Bucket; it must exist.
    pub bucket: String,
    /// Access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Folder in the bucket, such as `luzheng/objects`.
    pub prefix: String,
    /// Whether the other side honours `If-None-Match: *`. Without it a put asks first and then writes, which two
    /// nodes may do at once; both write the same content, so nothing is lost.
    pub conditional_put: bool,
}

impl std::fmt::Debug for S3Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3Options({} {}/{})", self.endpoint, self.bucket, self.prefix)
    }
}

/// The S3 kind.
pub struct S3Store {
    client: Arc<AmazonS3>,
    prefix: String,
    conditional_put: bool,
    keys: ObjectKeys,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for S3Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3Store({}, {:?})", self.client, self.keys)
    }
}

impl Drop for S3Store {
    fn drop(&mut self) {
        // A runtime must not wait for its threads when it is dropped inside another one.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

impl S3Store {
    /// Prepares the client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ObjectError::Configuration`] for an address or names that cannot be used.
    pub fn new(options: S3Options, keys: ObjectKeys) -> Result<Self, ObjectError> {
        let wrong =
            |cause: String| ObjectError::Configuration { rule: format!("S3 参数不可用：{cause}") };
        let retry =
            RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
        let client = AmazonS3Builder::new()
            .with_endpoint(&options.endpoint)
            .with_region(&options.region)
            .with_bucket_name(&options.bucket)
            .with_access_key_id(&options.access_key_id)
            .with_secret_access_key(&options.secret_access_key)
            .with_allow_http(true)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_crypto_provider(Arc::new(signing::Provider))
            .with_http_connector(http::Connector)
            .with_retry(retry)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("objects-s3")
            .enable_all()
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let prefix = options.prefix.trim_matches('/').to_owned();
        let conditional_put = options.conditional_put;
        Ok(Self { client: Arc::new(client), prefix, conditional_put, keys, runtime: Some(runtime) })
    }

    /// Runs work on the threads of the runtime and waits for it.
    fn wait<R: Send + 'static>(
        &self,
        work: impl Future<Output = R> + Send + 'static,
    ) -> Result<R, ObjectError> {
        let stopped = || ObjectError::Remote {
            item: "客户端".to_owned(),
            cause: "后台线程已停止".to_owned(),
        };
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let runtime = self.runtime.as_ref().ok_or_else(stopped)?;
        runtime.spawn(async move { sender.send(work.await) });
        receiver.recv().map_err(|_| stopped())
    }

    /// Name in the bucket: two digits of the digest as a folder, so that people can look through it.
    fn path(&self, sm3: &[u8; DIGEST_LEN]) -> Path {
        let name = hex(sm3);
        Path::from(format!("{}/{}/{name}", self.prefix, &name[..2]))
    }

    fn fetch(&self, path: Path) -> Result<Option<Vec<u8>>, ObjectError> {
        let (client, item) = (self.client.clone(), path.to_string());
        let got = self.wait(async move { client.get(&path).await?.bytes().await })?;
        match got {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(remote(&item, &error)),
        }
    }

    /// Puts records under their names unless something is there already.
    fn create(&self, records: Vec<(Path, Vec<u8>)>) -> Result<(), ObjectError> {
        let (client, conditional) = (self.client.clone(), self.conditional_put);
        let work = async move {
            let puts = records.into_iter().map(|(path, bytes)| {
                let client = client.clone();
                async move { create(&client, &path, bytes, conditional).await }
            });
            stream::iter(puts).buffer_unordered(PARALLEL).try_collect::<()>().await
        };
        self.wait(work)?
    }

    /// Opens a fetched record.
    fn open(
        &self,
        place: &Place,
        sm3: &[u8; DIGEST_LEN],
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, ObjectError> {
        match self.condition(sm3, &mut bytes) {
            Ok(Condition::Good) => Ok(bytes),
            Ok(other) => Err(damaged(place, sm3, other.text())),
            Err(error) => Err(error.unwrap_or_else(|| damaged(place, sm3, "记录头校验不符或属于另一对象"))),
        }
    }

    /// State of a record that should be this object; its content, decrypted if good, is left in `bytes`. `Err(None)`
    /// for a header that is not the object's.
    fn condition(
        &self,
        sm3: &[u8; DIGEST_LEN],
        bytes: &mut Vec<u8>,
    ) -> Result<Condition, Option<ObjectError>> {
        let header = bytes.first_chunk().and_then(Header::parse).ok_or(None)?;
        if header.sm3 != *sm3 || header.record_len() != bytes.len() as u64 {
            return Err(None);
        }
        bytes.drain(..HEADER_LEN);
        match header.open(&self.keys, bytes) {
            Condition::NoKey => Err(Some(ObjectError::NoKey { id: header.key_id })),
            condition => Ok(condition),
        }
    }
}

/// One conditional put.
async fn create(
    client: &AmazonS3,
    path: &Path,
    bytes: Vec<u8>,
    conditional: bool,
) -> Result<(), ObjectError> {
    if !conditional {
        match client.head(path).await {
            Ok(_) => return Ok(()),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(remote(path.as_ref(), &error)),
        }
    }
    let mode = if conditional { PutMode::Create } else { PutMode::Overwrite };
    match client.put_opts(path, PutPayload::from(bytes), PutOptions::from(mode)).await {
        // One digest, one content: what is there is what would be written.
        Ok(_) | Err(Error::AlreadyExists { .. }) => Ok(()),
        Err(error) => Err(remote(path.as_ref(), &error)),
    }
}

fn remote(item: &str, error: &Error) -> ObjectError {
    ObjectError::Remote { item: item.to_owned(), cause: error.to_string() }
}

fn damaged(place: &Place, sm3: &[u8; DIGEST_LEN], reason: &str) -> ObjectError {
    ObjectError::Damaged { sm3: hex(sm3), place: place.to_string(), reason: reason.to_owned() }
}

impl ObjectStore for S3Store {
    fn put_all(&self, objects: &[Object<'_>]) -> Result<Vec<Place>, ObjectError> {
        check_names(objects)?;
        let mut records = Vec::new();
        for object in objects {
            let mut bytes = Vec::new();
            record::append(&self.keys, object, &mut bytes)?;
            records.push((self.path(&object.sm3), bytes));
        }
        self.create(records)?;
        Ok(objects.iter().map(|object| Place::Remote(object.sm3)).collect())
    }

    fn get(&self, place: &Place, sm3: &[u8; DIGEST_LEN]) -> Result<Vec<u8>, ObjectError> {
        let missing = || ObjectError::Missing { sm3: hex(sm3), place: place.to_string() };
        if *place != Place::Remote(*sm3) {
            return Err(missing());
        }
        let bytes = self.fetch(self.path(sm3))?.ok_or_else(missing)?;
        self.open(place, sm3, bytes)
    }

    fn find(&self, sm3: &[u8; DIGEST_LEN]) -> Result<Option<Place>, ObjectError> {
        let (client, path) = (self.client.clone(), self.path(sm3));
        let item = path.to_string();
        match self.wait(async move { client.head(&path).await })? {
            Ok(_) => Ok(Some(Place::Remote(*sm3))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(remote(&item, &error)),
        }
    }

    fn scrub(&self, from: Option<&Place>, limit: usize) -> Result<Scrubbed, ObjectError> {
        let (client, prefix) = (self.client.clone(), Path::from(self.prefix.as_str()));
        let after = from.and_then(|place| match place {
            Place::Remote(sm3) => Some(self.path(sm3)),
            Place::Pack { .. } => None,
        });
        let listing = async move {
            let all = match after {
                Some(after) => client.list_with_offset(Some(&prefix), &after),
                None => client.list(Some(&prefix)),
            };
            all.take(limit).map_ok(|found| found.location).try_collect::<Vec<_>>().await
        };
        let paths = self.wait(listing)?.map_err(|error| remote(&self.prefix, &error))?;
        let (full, mut result) = (paths.len() == limit, Scrubbed::default());
        for path in paths {
            // What is not named like an object is somebody else's.
            let named = path.filename().and_then(|name| format!("s3:{name}").parse().ok());
            let Some(place @ Place::Remote(sm3)) = named else { continue };
            let Some(mut bytes) = self.fetch(path)? else { continue };
            result.objects += 1;
            result.bytes += bytes.len() as u64;
            let reason = match self.condition(&sm3, &mut bytes) {
                Ok(Condition::Good) => None,
                Ok(other) => Some(other.text()),
                Err(Some(_)) => Some(Condition::NoKey.text()),
                Err(None) => Some("记录头校验不符或属于另一对象"),
            };
            let damage = |reason: &str| Damage { place, sm3: Some(sm3), reason: reason.to_owned() };
            result.damages.extend(reason.map(damage));
            result.next = full.then_some(place);
        }
        Ok(result)
    }

    fn repair(&self, place: &Place, object: &Object<'_>) -> Result<(), ObjectError> {
        check_names(std::slice::from_ref(object))?;
        match self.get(place, &object.sm3) {
            Err(ObjectError::Damaged { .. } | ObjectError::Missing { .. })
                if *place == Place::Remote(object.sm3) => {}
            Err(ObjectError::Missing { .. }) => {
                return Err(ObjectError::Repair {
                    place: place.to_string(), reason: "该位置不属于此对象"
                });
            }
            other => return other.map(drop),
        }
        let (client, path, mut bytes) = (self.client.clone(), self.path(&object.sm3), Vec::new());
        let item = path.to_string();
        record::append(&self.keys, object, &mut bytes)?;
        self.wait(async move { client.put(&path, bytes.into()).await })?
            .map_err(|error| remote(&item, &error))?;
        Ok(())
    }

    fn probe(&self) -> Result<Probe, ObjectError> {
        let (client, path) = (self.client.clone(), Path::from(format!("{}/probe", self.prefix)));
        let item = path.to_string();
        let work = async move {
            let create = |bytes: &'static [u8]| {
                let options = PutOptions::from(PutMode::Create);
                client.put_opts(&path, PutPayload::from_static(bytes), options)
            };
            // Left behind by a probe that was cut short.
            let _ = client.delete(&path).await;
            create(b"1").await?;
            let second = create(b"2").await;
            let read = client.get(&path).await?.bytes().await?;
            client.delete(&path).await?;
            Ok::<_, Error>((matches!(second, Err(Error::AlreadyExists { .. })), read.to_vec()))
        };
        let (refused, read) = self.wait(work)?.map_err(|error| remote(&item, &error))?;
        if self.conditional_put && !(refused && read == b"1") {
            return Err(ObjectError::Configuration {
                rule: "该对象存储不支持条件写入（If-None-Match），应关闭 conditional_put".to_owned(),
            });
        }
        let text = format!("写入、读回、删除正常；条件写入{}", if refused { "有效" } else { "无效，未使用" });
        Ok(Probe { kind: "S3 对象存储", text })
    }
}
