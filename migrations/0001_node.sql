-- One text for SQLite and PostgreSQL: TEXT, BIGINT and BOOLEAN only; instants are microseconds UTC, legal dates ISO text, lists and records JSON text.
-- "sealed" columns hold SM4-GCM values (key id, nonce, tag), "blind" columns HMAC-SM3 values (domain.md, "Personal data at rest").

-- Numbers that only grow: serials by series, the status index, the result feed.
CREATE TABLE issue_counter (
    series TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- 电子证照: one row a certificate, a paper or IC record without a version included.
CREATE TABLE lifecycle_certificate (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    area TEXT NOT NULL,
    month TEXT NOT NULL,
    serial TEXT,
    certificate_no TEXT,
    source TEXT NOT NULL,
    subject_ref TEXT NOT NULL,
    status_index BIGINT UNIQUE,
    version BIGINT NOT NULL,
    identifier TEXT,
    state_seq BIGINT NOT NULL,
    base TEXT NOT NULL,
    last_day TEXT,
    turns_on TEXT,
    held TEXT,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, issuer, serial),
    UNIQUE (source, subject_ref)
);
CREATE INDEX lifecycle_certificate_area ON lifecycle_certificate (area, kind, base, id);
-- Something recorded ahead comes into force: what base and last_day say is then brought up to the day.
CREATE INDEX lifecycle_certificate_turns ON lifecycle_certificate (turns_on, id) WHERE turns_on IS NOT NULL;
-- For the lists of supervisors; measured: see docs/pages.md.
CREATE INDEX lifecycle_certificate_end ON lifecycle_certificate (last_day, id) WHERE last_day IS NOT NULL;
-- What is held is rare: held names the holds (slugs, comma between) and is NULL without one.
CREATE INDEX lifecycle_certificate_held ON lifecycle_certificate (held, area, id) WHERE held IS NOT NULL;
CREATE INDEX lifecycle_certificate_updated ON lifecycle_certificate (updated_at, id);

-- 版本: one row an identifier; its bytes never change. photo is SM3@place in the file store.
CREATE TABLE lifecycle_version (
    identifier TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL REFERENCES lifecycle_certificate (id),
    version BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    record_sm3 TEXT NOT NULL,
    record_sealed TEXT NOT NULL,
    photo TEXT,
    templates TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    key_id TEXT NOT NULL,
    code_key_id TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    UNIQUE (certificate_id, version)
);

-- Sealed files, by the SM3 of their plain bytes.
CREATE TABLE issue_file (
    identifier TEXT NOT NULL,
    part BIGINT NOT NULL,
    name TEXT NOT NULL,
    sm3 TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (identifier, part)
);
CREATE INDEX issue_file_sm3 ON issue_file (sm3);

-- 意向: written before a signature is made, never deleted (B1). state: open, done, abandoned.
CREATE TABLE issue_intent (
    identifier TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL,
    event_row TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    reason TEXT
);
CREATE UNIQUE INDEX issue_intent_open ON issue_intent (certificate_id) WHERE state = 'open';
CREATE INDEX issue_intent_age ON issue_intent (opened_at) WHERE state = 'open';

-- 业务事件: status: open (its intent is), applied, waiting, refused, work, unfit (may be sent again, mended).
-- answered counts the answered events of a certificate in the order of their answers.
CREATE TABLE lifecycle_event (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    content_sm3 TEXT NOT NULL,
    certificate_id TEXT,
    subject_ref TEXT NOT NULL,
    kind TEXT NOT NULL,
    sequence BIGINT,
    occurred_at BIGINT NOT NULL,
    effective_on TEXT NOT NULL,
    status TEXT NOT NULL,
    state_seq BIGINT,
    answered BIGINT,
    wait_until TEXT,
    event_sealed TEXT NOT NULL,
    answer_sealed TEXT NOT NULL,
    photo TEXT,
    recorded_at BIGINT NOT NULL,
    area TEXT NOT NULL,
    UNIQUE (source, event_id)
);
CREATE INDEX lifecycle_event_certificate ON lifecycle_event (certificate_id, answered);
CREATE INDEX lifecycle_event_waiting ON lifecycle_event (source, subject_ref) WHERE status = 'waiting';
CREATE INDEX lifecycle_event_recorded ON lifecycle_event (recorded_at);
CREATE INDEX lifecycle_event_people ON lifecycle_event (status, recorded_at, id) WHERE status IN ('refused', 'unfit', 'waiting');
CREATE INDEX lifecycle_event_area ON lifecycle_event (area, recorded_at);

-- The record that a certificate stands on now; an unconverted one has it from the import. photo is SM3@place.
CREATE TABLE lifecycle_record (
    certificate_id TEXT NOT NULL PRIMARY KEY,
    record_sealed TEXT NOT NULL,
    photo TEXT
);

-- Hints that an event of one certificate left on another one.
CREATE TABLE lifecycle_hint (
    certificate_id TEXT NOT NULL,
    code TEXT NOT NULL,
    cause_id TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (certificate_id, code, cause_id)
);

-- Versions that are recorded today and issued on a later day.
CREATE TABLE issue_due (
    event_row TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL,
    issue_on TEXT NOT NULL
);
CREATE INDEX issue_due_day ON issue_due (issue_on, event_row);
CREATE INDEX issue_due_certificate ON issue_due (certificate_id);

-- Links between certificates: under, branch_of, replaces, transferred_to, transferred_from.
CREATE TABLE lifecycle_link (
    from_id TEXT NOT NULL,
    link TEXT NOT NULL,
    to_id TEXT NOT NULL,
    PRIMARY KEY (from_id, link, to_id)
);
CREATE INDEX lifecycle_link_back ON lifecycle_link (to_id, link);

-- 待处理事项: what a person has to decide.
CREATE TABLE lifecycle_work (
    id TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT,
    event_row TEXT,
    area TEXT NOT NULL,
    code TEXT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_by TEXT,
    reason TEXT
);
CREATE INDEX lifecycle_work_certificate ON lifecycle_work (certificate_id) WHERE state = 'open';
CREATE INDEX lifecycle_work_open ON lifecycle_work (area, opened_at) WHERE state = 'open';

-- 应急办理: what one person asked for and another one decides on. state: pending, confirming (confirmed, the
-- act under way), confirmed, rejected, failed (the rules refused it).
CREATE TABLE lifecycle_manual (
    id TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL,
    area TEXT NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    body_sealed TEXT NOT NULL,
    maker TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decider TEXT,
    decided_at BIGINT,
    reason TEXT
);
CREATE INDEX lifecycle_manual_maker ON lifecycle_manual (maker, id);
CREATE INDEX lifecycle_manual_pending ON lifecycle_manual (id) WHERE state = 'pending';
CREATE INDEX lifecycle_manual_confirming ON lifecycle_manual (decided_at, id) WHERE state = 'confirming';

-- 批量导入: record files that clerks upload. state: checked, running, done, dropped. actor: JSON.
CREATE TABLE issue_batch (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    total BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX issue_batch_owner ON issue_batch (owner, id);
CREATE INDEX issue_batch_running ON issue_batch (id) WHERE state = 'running';
-- state: ready, wrong, done, refused, unfit, failed. photo is SM3@place in the file store.
CREATE TABLE issue_batch_item (
    batch_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    line BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    record_sealed TEXT,
    findings_sealed TEXT,
    photo TEXT,
    why TEXT NOT NULL,
    certificate_id TEXT,
    identifier TEXT,
    PRIMARY KEY (batch_id, n)
);
CREATE INDEX issue_batch_item_state ON issue_batch_item (batch_id, state, n);

-- Exact search over personal and other items: blind = HMAC-SM3(what ‖ normalised value).
CREATE TABLE search_key (
    blind TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    what TEXT NOT NULL,
    live BOOLEAN NOT NULL,
    PRIMARY KEY (blind, certificate_id)
);
CREATE INDEX search_key_certificate ON search_key (certificate_id);

-- 归集 outbox: one lane a destination. state: pending, done, dead. A lease is not a state: it runs out.
CREATE TABLE collect_item (
    id TEXT NOT NULL PRIMARY KEY,
    lane TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    state_seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    lease_owner TEXT,
    attempts BIGINT NOT NULL,
    tried_before BIGINT NOT NULL DEFAULT 0,
    tried_at BIGINT,
    origin BIGINT,
    code TEXT,
    error TEXT,
    receipt TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    UNIQUE (lane, certificate_id, state_seq)
);
CREATE INDEX collect_item_due ON collect_item (lane, run_at, id) WHERE state = 'pending';
CREATE INDEX collect_item_ahead ON collect_item (certificate_id, lane, state_seq) WHERE state <> 'done';
CREATE INDEX collect_item_dead ON collect_item (lane, id) WHERE state = 'dead';
CREATE INDEX collect_item_done ON collect_item (lane, done_at) WHERE state = 'done';

-- Counters of the overview, written with the rows that they count (docs/pages.md). what: certificate (value: base), paper (no version
-- yet; base), activated, event (day, kind of event, status), lag (hour, lane, seconds at most).
CREATE TABLE overview_count (
    what TEXT NOT NULL,
    day TEXT NOT NULL,
    area TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (what, day, area, kind, value)
);

-- 结果反馈: what the senders are told after the answer; seq has no gaps.
CREATE TABLE result_item (
    seq BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    certificate_id TEXT,
    what TEXT NOT NULL,
    body TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX result_item_source ON result_item (source, seq);

-- 审计日志: rows wait here from their act's commit until the sequencer gives them a leaf number.
CREATE TABLE audit_pending (
    id TEXT NOT NULL PRIMARY KEY,
    entries TEXT NOT NULL
);
-- hash, object and what follows are taken from the entry for the search; audit verify compares them with it.
-- person: operator or staff number; chained: the entry stands in its certificate's chain of acts.
CREATE TABLE audit_leaf (
    n BIGINT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    object TEXT,
    chained BOOLEAN NOT NULL,
    act TEXT NOT NULL,
    at BIGINT NOT NULL,
    client TEXT NOT NULL,
    person TEXT,
    outcome TEXT NOT NULL,
    entry TEXT NOT NULL
);
CREATE INDEX audit_leaf_object ON audit_leaf (object, at, n) WHERE object IS NOT NULL;
CREATE INDEX audit_leaf_chain ON audit_leaf (object, n) WHERE chained;
CREATE INDEX audit_leaf_at ON audit_leaf (at, n);
-- The right edge of the tree, one row; whoever appends holds it.
CREATE TABLE audit_tree (
    id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    frontier TEXT NOT NULL
);
INSERT INTO audit_tree (id, size, frontier) VALUES (0, 0, 'AAAAAAAAAAA=');
-- Complete nodes above level 8; lower ones are computed from the leaves.
CREATE TABLE audit_node (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (level, idx)
);
-- Pages of the map of latest entries, as the last checkpoint signed it.
CREATE TABLE audit_map (
    path TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
CREATE TABLE audit_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    note TEXT NOT NULL
);
-- Checkpoints of others that this node has seen and signed (the ministry's witness role), and others' signatures on ours.
CREATE TABLE audit_witness (
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (origin, size)
);

-- 对账: the leaf of each certificate and the sums above it (docs/reconcile.md). tree: 'own', or a province's name at the ministry.
-- cell: month/area; slot: first 16 bits of SM3(certificate key). folded: the leaf hash that the nodes hold ('' for none);
-- a dirty leaf has changed since then, and the next fold brings its nodes up to date.
CREATE TABLE reconcile_leaf (
    tree TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    cell TEXT NOT NULL,
    slot BIGINT NOT NULL,
    state_seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    base TEXT NOT NULL,
    files TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    folded TEXT NOT NULL,
    dirty BOOLEAN NOT NULL,
    PRIMARY KEY (tree, certificate_id)
);
CREATE INDEX reconcile_leaf_cell ON reconcile_leaf (tree, cell, slot);
CREATE INDEX reconcile_leaf_dirty ON reconcile_leaf (tree, certificate_id) WHERE dirty;
-- digest: the sum of the folded leaf hashes below, modulo 2^256, hex. path: '', month, month/area, month/area/hh.
CREATE TABLE reconcile_node (
    tree TEXT NOT NULL,
    path TEXT NOT NULL,
    parent TEXT,
    digest TEXT NOT NULL,
    leaves BIGINT NOT NULL,
    PRIMARY KEY (tree, path)
);
CREATE INDEX reconcile_node_parent ON reconcile_node (tree, parent);
-- state: running, done, interrupted.
CREATE TABLE reconcile_run (
    id TEXT NOT NULL PRIMARY KEY,
    lane TEXT NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    summary TEXT NOT NULL
);
CREATE INDEX reconcile_run_lane ON reconcile_run (lane, id);
-- class: missing (there), extra (there), different. state: open, resent, drafted, settled. area, kind: whose it is, as far as either side says.
CREATE TABLE reconcile_difference (
    run_id TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    class TEXT NOT NULL,
    fields TEXT NOT NULL,
    ours TEXT,
    theirs TEXT,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    request_id TEXT,
    area TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (run_id, certificate_id)
);
CREATE INDEX reconcile_difference_certificate ON reconcile_difference (certificate_id, run_id);
-- What a page asked for and a worker does: what: run or repair; depth: sums or leaves; actor: JSON. Gone once it is done.
CREATE TABLE reconcile_order (
    lane TEXT NOT NULL,
    what TEXT NOT NULL,
    run_id TEXT,
    depth TEXT NOT NULL,
    actor TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (lane, what)
);
CREATE INDEX reconcile_difference_open ON reconcile_difference (run_id, certificate_id) WHERE state = 'open';
-- Which certificates a plain list has named; emptied when its run ends.
CREATE TABLE reconcile_seen (
    run_id TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    PRIMARY KEY (run_id, certificate_id)
);

-- 数据维护申请 (附表1). state: draft; what follows is the ministry's to decide. body: the form, sealed.
CREATE TABLE maintain_request (
    id TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT,
    run_id TEXT,
    area TEXT NOT NULL,
    state TEXT NOT NULL,
    body_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX maintain_request_certificate ON maintain_request (certificate_id) WHERE state = 'draft';

-- The ministry's holdings: what the provinces have delivered.
CREATE TABLE collect_holding (
    province TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    area TEXT NOT NULL,
    month TEXT NOT NULL,
    state_seq BIGINT NOT NULL,
    version BIGINT NOT NULL,
    identifier TEXT,
    base TEXT NOT NULL,
    last_day TEXT,
    file_sm3 TEXT NOT NULL,
    body_sealed TEXT NOT NULL,
    files TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (province, certificate_id)
);
CREATE INDEX collect_holding_identifier ON collect_holding (identifier);
CREATE INDEX collect_holding_received ON collect_holding (province, received_at, certificate_id);
-- Counted while it is received: holdings by kind and base, answers by day (Asia/Shanghai) and outcome.
CREATE TABLE collect_count (
    province TEXT NOT NULL,
    kind TEXT NOT NULL,
    base TEXT NOT NULL,
    holdings BIGINT NOT NULL,
    PRIMARY KEY (province, kind, base)
);
CREATE TABLE collect_day (
    province TEXT NOT NULL,
    day TEXT NOT NULL,
    outcome TEXT NOT NULL,
    answers BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (province, day, outcome)
);
-- What was not taken, with the receipt that was given. Settled as soon as the holding has this count or a higher one.
CREATE TABLE collect_refused (
    province TEXT NOT NULL,
    certificate_id TEXT NOT NULL,
    state_seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    area TEXT NOT NULL,
    identifier TEXT,
    receipt TEXT NOT NULL,
    code TEXT NOT NULL,
    times BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (province, certificate_id, state_seq)
);
CREATE INDEX collect_refused_at ON collect_refused (province, at, certificate_id);
-- What a province told at the end of its comparison with this node.
CREATE TABLE reconcile_told (
    province TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    ours BIGINT NOT NULL,
    theirs BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    extra BIGINT NOT NULL,
    different BIGINT NOT NULL,
    in_flight BIGINT NOT NULL
);

-- 中断: a leg that was silent or did not answer, with its clock. leg: in (business system to us), out (us to a destination).
-- kind: detected, planned, manual. state: open, ended (its clock runs), completed. alarm: alarms raised so far, 0 to 3.
CREATE TABLE outage_record (
    id TEXT NOT NULL PRIMARY KEY,
    leg TEXT NOT NULL,
    party TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    deadline_at BIGINT,
    provisional BOOLEAN NOT NULL,
    alarm BIGINT NOT NULL,
    cause TEXT NOT NULL,
    measures TEXT NOT NULL,
    completed_at BIGINT,
    operator TEXT
);
CREATE INDEX outage_record_open ON outage_record (leg, party) WHERE state <> 'completed';
CREATE INDEX outage_record_started ON outage_record (started_at, id);
-- What an outage held back; sent_at: when the destination had it (out), or when we did (in).
CREATE TABLE outage_held (
    outage_id TEXT NOT NULL,
    item TEXT NOT NULL,
    sent_at BIGINT,
    receipt_sm3 TEXT,
    PRIMARY KEY (outage_id, item)
);
-- When a party was last heard and how often it usually speaks, microseconds; silent_since: first failure since.
-- hours: a digit for each hour of working days, then of days off: on how many such days it was heard, fading.
CREATE TABLE outage_pulse (
    leg TEXT NOT NULL,
    party TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    usual_gap BIGINT NOT NULL,
    heard BIGINT NOT NULL,
    hours TEXT NOT NULL,
    silent_since BIGINT,
    PRIMARY KEY (leg, party)
);

-- 存量转化: one import of paper stock and its conversion in waves. state: planning, planned, running, stopped, done.
CREATE TABLE convert_run (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    stop BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- One record of an import, without its face (lifecycle_record has it). state: ready, supplement (the record must be mended),
-- already (had a version), repeated (the same record again), converted, elsewhere (converted by another event), refused.
CREATE TABLE convert_item (
    run_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    source TEXT NOT NULL,
    record_id TEXT NOT NULL,
    record_sm3 TEXT NOT NULL,
    area TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    wave BIGINT,
    sent_at BIGINT,
    rules TEXT NOT NULL,
    findings_sealed TEXT,
    certificate_id TEXT,
    PRIMARY KEY (run_id, n)
);
CREATE INDEX convert_item_next ON convert_item (run_id, state, n);
CREATE INDEX convert_item_record ON convert_item (run_id, source, record_id);

-- 送达: the phone of a holder. holder: blind index of the document number in its present form. as_of: when the source knew it.
CREATE TABLE deliver_contact (
    holder TEXT NOT NULL PRIMARY KEY,
    phone_sealed TEXT NOT NULL,
    proof_sealed TEXT,
    source TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- One row a version, written with it: 制作 made, 告知 told, 送达 received, 激活 activated.
CREATE TABLE deliver_record (
    certificate_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    identifier TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    told_at BIGINT,
    told_channel TEXT,
    received_at BIGINT,
    received_channel TEXT,
    activated_at BIGINT,
    activated_channel TEXT,
    PRIMARY KEY (certificate_id, version)
);
-- Activation belongs to the certificate. holder, name: blind indexes of whoever held it then.
CREATE TABLE deliver_activation (
    certificate_id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    activated_at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
-- What holders are to be told; a row goes when it is told. state: pending, waiting (no phone on record), dead, over (worthless now),
-- none (nobody is told).
-- about: the identifier or the one-time code's id; phone_sealed: another phone than the one on record.
CREATE TABLE deliver_message (
    id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    what TEXT NOT NULL,
    certificate_id TEXT,
    about TEXT,
    phone_sealed TEXT,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    lease_owner TEXT,
    attempts BIGINT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    done_at BIGINT
);
CREATE INDEX deliver_message_due ON deliver_message (run_at, id) WHERE state = 'pending';
CREATE INDEX deliver_message_waiting ON deliver_message (holder, id) WHERE state = 'waiting';
CREATE INDEX deliver_message_dead ON deliver_message (id) WHERE state = 'dead';
CREATE INDEX deliver_message_passing ON deliver_message (expires_at) WHERE expires_at IS NOT NULL;
-- One-time codes that were asked for; the code itself stands nowhere (docs/deliver.md). address: keyed digest.
CREATE TABLE deliver_code (
    id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    subject TEXT NOT NULL,
    known BOOLEAN NOT NULL,
    address TEXT NOT NULL,
    tries BIGINT NOT NULL,
    used BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX deliver_code_holder ON deliver_code (holder, created_at);
CREATE INDEX deliver_code_address ON deliver_code (address, created_at);
CREATE INDEX deliver_code_age ON deliver_code (created_at);
-- Activations made elsewhere, as they came in.
CREATE TABLE deliver_feed (
    source TEXT NOT NULL,
    item_id TEXT NOT NULL,
    content_sm3 TEXT NOT NULL,
    answer TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (source, item_id)
);

-- 亮证: present codes that were checked, until they are over. code: SM3 of what is signed; checker: keyed digest.
CREATE TABLE share_use (
    code TEXT NOT NULL PRIMARY KEY,
    checker TEXT NOT NULL,
    at BIGINT NOT NULL,
    over_at BIGINT NOT NULL
);
CREATE INDEX share_use_over ON share_use (over_at);
-- 打印件: numbered sheets of a certificate; only the newest counts.
CREATE TABLE share_sheet (
    certificate_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    status_index BIGINT NOT NULL,
    identifier TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    maker TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (certificate_id, n)
);
-- 批量打印: sheets that a window has made together, by a worker. state: running, done. actor, reach (areas and kinds): JSON.
CREATE TABLE share_print (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    reach TEXT NOT NULL,
    proof_sealed TEXT NOT NULL,
    renew BOOLEAN NOT NULL,
    total BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX share_print_owner ON share_print (owner, id);
CREATE INDEX share_print_running ON share_print (id) WHERE state = 'running';
-- name: 证照标识 or 证照编号. state: ready, done, refused, failed. sheet is the number of the sheet.
CREATE TABLE share_print_item (
    print_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate_id TEXT,
    sheet BIGINT,
    why TEXT NOT NULL,
    PRIMARY KEY (print_id, n)
);
CREATE INDEX share_print_item_state ON share_print_item (print_id, state, n);
-- 授权亮证: a holder lets a driver show a vehicle's certificate. holder, driver, driver_name: blind indexes.
CREATE TABLE share_grant (
    id TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    driver TEXT NOT NULL,
    driver_name TEXT NOT NULL,
    driver_sealed TEXT NOT NULL,
    begins_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    created_at BIGINT NOT NULL,
    number BIGINT NOT NULL
);
CREATE UNIQUE INDEX share_grant_number ON share_grant (certificate_id, number);
CREATE INDEX share_grant_certificate ON share_grant (certificate_id, id);
CREATE INDEX share_grant_holder ON share_grant (holder, id);
CREATE INDEX share_grant_driver ON share_grant (driver, id) WHERE withdrawn_at IS NULL;
-- 核验设备: keys of officers' devices, certified until valid_to. state: active, disabled.
CREATE TABLE verify_device (
    id TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,
    staff_no TEXT NOT NULL,
    unit TEXT NOT NULL,
    certificate TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    state TEXT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX verify_device_staff ON verify_device (staff_no);
-- 核验回执, by digest. device, sequence: of an offline one (several with one number are a fork, both kept). text: receipt with what
-- proves it. outcome: what the officer recorded last.
CREATE TABLE verify_receipt (
    digest TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    device TEXT,
    sequence BIGINT,
    previous TEXT,
    fork BOOLEAN NOT NULL,
    staff_no TEXT NOT NULL,
    unit TEXT NOT NULL,
    certificate_id TEXT,
    identifier TEXT,
    verdict TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    group_id TEXT,
    outcome TEXT NOT NULL,
    outcome_at BIGINT,
    text TEXT NOT NULL
);
CREATE INDEX verify_receipt_device ON verify_receipt (device, sequence) WHERE device IS NOT NULL;
CREATE INDEX verify_receipt_certificate ON verify_receipt (certificate_id, number) WHERE certificate_id IS NOT NULL;
CREATE INDEX verify_receipt_staff ON verify_receipt (staff_no, number);
CREATE INDEX verify_receipt_group ON verify_receipt (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX verify_receipt_checked ON verify_receipt (checked_at);
-- 一次检查: the checks of one stop. Begun where the officer is; its row comes with the first receipt or with group_open.
CREATE TABLE verify_group (
    id TEXT NOT NULL PRIMARY KEY,
    staff_no TEXT NOT NULL,
    unit TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX verify_group_staff ON verify_group (staff_no, opened_at);
-- 纸质证件被要求 (L6.5): what a holder reports of a check. month: of the check, in China.
CREATE TABLE verify_complaint (
    receipt TEXT NOT NULL PRIMARY KEY,
    certificate_id TEXT NOT NULL,
    unit TEXT NOT NULL,
    month TEXT NOT NULL,
    note_sealed TEXT,
    made_at BIGINT NOT NULL
);
CREATE INDEX verify_complaint_month ON verify_complaint (month, unit);

-- 文件接口: when a batch was first taken up: a redo after a crash tells its own records from those that were known before.
CREATE TABLE intake_batch (
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    PRIMARY KEY (source, name)
);

-- 离线数据包: our own last ones and the newest of other provinces; file: Base64. Our deltas are made when they are asked for.
CREATE TABLE pack_file (
    province TEXT NOT NULL,
    number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    count BIGINT NOT NULL,
    digest TEXT NOT NULL,
    sm3 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    file TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (province, number)
);
CREATE TABLE pack_delta (
    province TEXT NOT NULL,
    number BIGINT NOT NULL,
    base BIGINT NOT NULL,
    sm3 TEXT NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (province, number, base)
);

-- Who may speak: API clients and nodes; rights are a JSON list of (capability, areas, kinds).
CREATE TABLE client (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    source TEXT NOT NULL,
    rights TEXT NOT NULL,
    callback TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE peer (
    id TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    certificate TEXT NOT NULL,
    log_certificate TEXT,
    issuers TEXT NOT NULL,
    rights TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- How far results were pushed to a client (seq of the last one that it took), and how the last attempt went.
CREATE TABLE result_callback (
    client_id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    last_at BIGINT,
    error TEXT
);
-- People who work on pages: name is the account, person_sealed the person's name, areas a JSON list of beginnings of area codes,
-- kinds of slugs of kinds, `*` for all; state: waiting (for its grant; role is what was asked for), refused, active, disabled;
-- password: scheme:parameters:salt:digest, must_change: somebody else knows it; enable_digest: keyed digest of the code that 安全管理员
-- has given the person for the first sign-in ('' without), good until enable_until; failures and locked_until: wrong passwords and
-- codes since the last sign-in; totp_sealed: the secret of the second factor ('' without), totp_step: its last step that was used;
-- certificate: Base64 of an SM2 certificate ('' without) whose key answers a challenge.
CREATE TABLE operator_account (
    name TEXT NOT NULL PRIMARY KEY,
    person_sealed TEXT NOT NULL,
    unit TEXT NOT NULL,
    staff_no TEXT NOT NULL,
    role TEXT NOT NULL,
    areas TEXT NOT NULL,
    kinds TEXT NOT NULL,
    password TEXT NOT NULL,
    must_change BOOLEAN NOT NULL,
    enable_digest TEXT NOT NULL,
    enable_until BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    state TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    totp_sealed TEXT NOT NULL,
    totp_step BIGINT NOT NULL,
    certificate TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- Recovery codes that were not used: keyed digests.
CREATE TABLE operator_recovery (
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (account, digest)
);
-- Failed sign-ins by address (a keyed digest), for the limit; older ones go.
CREATE TABLE operator_try (
    id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX operator_try_address ON operator_try (address, at);
CREATE INDEX operator_try_at ON operator_try (at);
-- Web sessions: id is the SM3 of the cookie; subject "operator:NAME" or "holder:BLIND"; who is sealed; idle in microseconds;
-- factor: the second factor was given; enabled: the code of the first sign-in was given; fresh_at: when password and factor were last given.
CREATE TABLE session_web (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    who_sealed TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    idle BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    factor BOOLEAN NOT NULL,
    enabled BOOLEAN NOT NULL,
    fresh_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX session_web_subject ON session_web (subject) WHERE ended_at IS NULL;
CREATE INDEX session_web_ends ON session_web (ends_at);

-- 责任登记册 (R18): rules as documents, posts, who holds them; rows are added and ended, never overwritten. Days are ISO.
-- work_id: the open work item while nobody holds the post; basis: where the duty comes from.
CREATE TABLE duty_rule (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    version TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    body TEXT NOT NULL,
    file TEXT NOT NULL,
    sm3 TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    UNIQUE (title, version)
);
CREATE TABLE duty_post (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    area TEXT NOT NULL,
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    work_id TEXT,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX duty_post_area ON duty_post (area, id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX duty_post_name ON duty_post (area, name) WHERE closed_at IS NULL;
CREATE TABLE duty_holder (
    id TEXT NOT NULL PRIMARY KEY,
    post_id TEXT NOT NULL REFERENCES duty_post (id),
    person_sealed TEXT NOT NULL,
    phone_sealed TEXT NOT NULL,
    unit TEXT NOT NULL,
    begins_on TEXT NOT NULL,
    ends_on TEXT,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX duty_holder_post ON duty_holder (post_id, begins_on);

-- 接口调用: calls of a client by hour (in China), endpoint and code ('' for those that were answered), written about once a minute.
CREATE TABLE client_call (
    client_id TEXT NOT NULL,
    hour TEXT NOT NULL,
    path TEXT NOT NULL,
    code TEXT NOT NULL,
    calls BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, hour, path, code)
);

-- Nonces of signed requests, one row a group: 32 bytes each (docs/signing.md), Base64. Rows older than the memory go.
CREATE TABLE nonce (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    seen TEXT NOT NULL
);
CREATE INDEX nonce_age ON nonce (at);

-- Leases of work that one process at a time may do: the sequencer, the collector of a lane, the outage clock.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL
);

-- Small facts of the node: its id, role, the key that sealed its values.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
