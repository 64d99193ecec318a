//! Opening a node: folders, rows, files, keys; the same for a province and for the ministry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use objects::disk::Folder;
use objects::{EmbeddedStore, Object, ObjectError, ObjectStore, Place, Probe, Scrubbed};
use store::{Store, rows};

use crate::keys::{KeyFolder, NodeKeys};
use crate::province::Chance;
use crate::{Data, Engine, NodeError, Province, files, load_trust};

/// What opening a node needs; all of it comes from its configuration.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// Id among nodes.
    pub id: String,
    /// First two digits of its area codes; empty for the ministry.
    pub area: String,
    /// Address of the rows.
    pub store: String,
    /// Reading connections.
    pub readers: usize,
    /// Writing connections (PostgreSQL).
    pub writers: usize,
    /// Folder of the file store; `None` for work that needs rows only, beside a process that holds the files.
    pub files: Option<PathBuf>,
    /// A new pack is begun at this many bytes.
    pub pack_bytes: u64,
    /// Files in an object storage instead of packs; [`OpenRequest::files`] then only says whether they are opened at all.
    pub s3: Option<S3Place>,
    /// Key folder.
    pub keys: PathBuf,
    /// Trust data to check seals with; the key folder's own where absent.
    pub trust: Option<PathBuf>,
    /// A province's own data, laid over the built-in one.
    pub data: Option<PathBuf>,
    /// Destinations of collection.
    pub lanes: Vec<String>,
    /// Threads that render and seal.
    pub threads: usize,
    /// How strictly people sign in.
    pub sign_in: crate::operator::SignInPolicy,
}

/// Where files are in an object storage that speaks S3, and how to get in.
#[derive(Clone)]
pub struct S3Place {
    /// Address such as `http://10.0.0.5:9000`.
    pub endpoint: String,
    /// Region that signatures name.
    pub region: String,
    /// Bucket; it must exist.
    pub bucket: String,
    /// Folder in the bucket.
    pub prefix: String,
    /// Does the other side honour `If-None-Match: *`?
    pub conditional_put: bool,
    /// Access key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: zeroize::Zeroizing<String>,
}

impl std::fmt::Debug for S3Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "S3Place({} {}/{})", self.endpoint, self.bucket, self.prefix)
    }
}

/// A node, opened.
pub struct Opened {
    /// What it stands on.
    pub province: Arc<Province>,
    /// Its own keys.
    pub keys: NodeKeys,
}

/// The setting that names the greatest place in the file store that rows speak of.
pub(crate) const FILES_END: &str = "files.end";

/// Opens everything and brings the tables up to date. `now` is microseconds UTC.
///
/// # Errors
/// The first thing that is not as it should be, named.
pub fn open(request: &OpenRequest, passphrase: &str, now: i64, chance: Chance) -> Result<Opened, NodeError> {
    let mut data = Data::load(request.data.as_deref())?;
    let folder = KeyFolder::open(&request.keys)?;
    folder.introduce(&mut data.catalogue)?;
    let signing = folder.unlock(passphrase)?;
    if !request.sign_in.second_factor && !signing.demo {
        return Err(NodeError::refused(
            "配置 sign_in.second_factor 为 off，而密钥不是演示密钥",
            "正式节点的管理员必须用双因素登录；请去掉这一项配置",
        ));
    }
    let keys = folder.node_keys(passphrase)?;
    let engine = Engine::new(&data, signing.demo)?;
    let options = store::Options { readers: request.readers, writers: request.writers, now };
    let store = Store::open(&request.store, &options)?;
    let objects: Arc<dyn ObjectStore> = match (&request.files, &request.s3) {
        (Some(_), Some(place)) => open_s3(place, &keys, &store)?,
        (Some(folder), None) => Arc::new(open_files(folder, request.pack_bytes, &keys, &store)?),
        (None, _) => Arc::new(Elsewhere),
    };
    let trust = load_trust(request.trust.as_ref().unwrap_or(&request.keys))?;
    let province = Province {
        id: request.id.clone(),
        area: request.area.clone(),
        shelf: crate::pack::Shelf::new(&trust)?,
        verifier: seal::Verifier::new(trust),
        rules: data.rules.clone(),
        personal: keys.personal(),
        lanes: request.lanes.clone(),
        turns: crate::job::Turns::default(),
        threads: request.threads,
        keys: signing,
        sign_in: request.sign_in,
        stages: None,
        objects,
        data,
        engine: Arc::new(engine),
        store,
        chance,
    };
    Ok(Opened { province: Arc::new(province), keys })
}

/// The last place that rows speak of.
fn acknowledged(store: &Store) -> Result<Option<Place>, NodeError> {
    let end: Option<String> = store.read(|session| rows::setting::get(session, FILES_END))?;
    Ok(end.map(|place| place.parse::<Place>()).transpose()?)
}

#[cfg(feature = "s3")]
fn open_s3(place: &S3Place, keys: &NodeKeys, store: &Store) -> Result<Arc<dyn ObjectStore>, NodeError> {
    // Rows that name packs would find nothing there.
    if let Some(Place::Pack { .. }) = acknowledged(store)? {
        return Err(NodeError::refused(
            "已有文件存放在本机文件库，不能直接改用 S3",
            "请去掉 files.s3；要迁移，请新建节点后按清单重新导入",
        ));
    }
    let options = objects::S3Options {
        endpoint: place.endpoint.clone(),
        region: place.region.clone(),
        bucket: place.bucket.clone(),
        access_key_id: place.access_key_id.clone(),
        secret_access_key: place.secret_access_key.to_string(),
        prefix: place.prefix.clone(),
        conditional_put: place.conditional_put,
    };
    Ok(Arc::new(objects::S3Store::new(options, keys.objects()?)?))
}

#[cfg(not(feature = "s3"))]
fn open_s3(_: &S3Place, _: &NodeKeys, _: &Store) -> Result<Arc<dyn ObjectStore>, NodeError> {
    Err(NodeError::refused(
        "配置了 files.s3，但本程序编译时没有包含 S3 支持",
        "请改用以 --features s3 编译的程序（docs/file-store.md），或去掉 files.s3",
    ))
}

fn open_files(
    path: &Path,
    rotate_at: u64,
    keys: &NodeKeys,
    store: &Store,
) -> Result<EmbeddedStore, NodeError> {
    files::create_dir(path)?;
    let disk = Folder::new(path).map_err(NodeError::io("打开", path))?;
    let acknowledged = acknowledged(store)?;
    if let Some(Place::Remote(_)) = acknowledged {
        return Err(NodeError::refused("已有文件存放在 S3，本配置没有 files.s3", "请恢复 files.s3 配置"));
    }
    let options = objects::Options { rotate_at, acknowledged };
    Ok(EmbeddedStore::open(Arc::new(disk), keys.objects()?, options)?)
}

/// The file store is held by another process: a command that works on rows only opens the node without it.
struct Elsewhere;

impl Elsewhere {
    fn refuse<T>() -> Result<T, ObjectError> {
        Err(ObjectError::Configuration {
            rule: "本命令没有打开文件库；请在服务进程中办理".into()
        })
    }
}

impl ObjectStore for Elsewhere {
    fn put_all(&self, _: &[Object<'_>]) -> Result<Vec<Place>, ObjectError> {
        Self::refuse()
    }

    fn get(&self, _: &Place, _: &[u8; objects::DIGEST_LEN]) -> Result<Vec<u8>, ObjectError> {
        Self::refuse()
    }

    fn find(&self, _: &[u8; objects::DIGEST_LEN]) -> Result<Option<Place>, ObjectError> {
        Self::refuse()
    }

    fn scrub(&self, _: Option<&Place>, _: usize) -> Result<Scrubbed, ObjectError> {
        Self::refuse()
    }

    fn repair(&self, _: &Place, _: &Object<'_>) -> Result<(), ObjectError> {
        Self::refuse()
    }

    fn probe(&self) -> Result<Probe, ObjectError> {
        Self::refuse()
    }
}
