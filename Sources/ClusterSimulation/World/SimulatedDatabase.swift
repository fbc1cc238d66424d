internal import ClusterInterface
internal import HashRing
internal import MetricsModel

/// What the database holds, and its transactions: each method is one, and changes nothing where it throws.
///
/// Means what the statements of EmbeddedStorage and PostgresStorage mean; `Tests/StorageTests` hold those to it.
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class SimulatedDatabase: @unchecked Sendable {
    struct Row {
        var block: NewBlock
        var isLive: Bool
        /// Milliseconds by the database's clock; nil while the block is live.
        var removeAfter: Int64?
    }

    struct BlockKey: Hashable {
        var tenant: TenantID
        var id: BlockID

        init(_ record: BlockRecord) {
            tenant = record.tenant
            id = record.id
        }
    }

    struct LeaseRow {
        var epoch: Int64
        var expiresAt: Int64
    }

    struct MemberRow {
        var member: RingMember
        var heartbeatAt: Int64
        var storedThrough: Int64?
    }

    let endpoint = Endpoint<SimulatedDatabase>("database")
    var rows: [BlockKey: Row] = [:]
    /// Samples in all blocks that ingesters ever stored.
    private(set) var publishedSamples: [TenantID: Int] = [:]
    var deletions: [SeriesDeletion] = []
    var members: [String: MemberRow] = [:]
    var ringEpochs: [String: Int64] = [:]
    /// Of members that are gone: the newest deletion up to which all were carried out with them.
    var departures: [String: Int64] = [:]
    var leases: [String: LeaseRow] = [:]
    var leaseEpoch: Int64 = 0
    private let simulator: Simulator

    init(_ simulator: Simulator) {
        self.simulator = simulator
        startServer(clockError: 0)
    }

    /// Starts a server with all that was committed.
    func startServer(clockError: Int64) {
        endpoint.process?.kill()
        endpoint.serve(
            self,
            in: SimulatedProcess("database", clockError: clockError, in: simulator)
        )
    }

    func stopServer() {
        endpoint.process?.kill()
        endpoint.close()
    }

    var now: Int64 { endpoint.process?.wallClock ?? simulator.wallClock }

    /// Blocks that queries find, by tenant, start and id.
    var liveRecords: [BlockRecord] {
        rows.values.filter(\.isLive).map(\.block.record).sorted {
            ($0.tenant, $0.range.start, $0.id) < ($1.tenant, $1.range.start, $1.id)
        }
    }

    // MARK: Blocks

    func publish(_ block: NewBlock) throws -> Bool {
        let key = BlockKey(block.record)
        let newest =
            deletions.filter { $0.tenant == key.tenant && $0.phase != .ordered }.map(\.number).max()
            ?? 0
        guard let row = rows[key] else {
            var block = block
            block.record.deletionsSeen = block.deletionsSeen ?? newest
            rows[key] = Row(block: block, isLive: true)
            publishedSamples[key.tenant, default: 0] += block.record.sampleCount
            if block.deletionsSeen != nil { reopenDeletions(block.record) }
            return true
        }
        var record = row.block.record
        if let seen = block.deletionsSeen {
            guard !row.isLive || record.deletionsSeen < seen else { return false }
            record.deletionsSeen = max(record.deletionsSeen, seen)
            revive(record)
            reopenDeletions(record)
            return true
        }
        let meaning = deletions.filter {
            $0.tenant == key.tenant && $0.number > record.deletionsSeen
                && $0.range.overlaps(record.range)
        }
        if !row.isLive, meaning.isEmpty {
            revive(record)
            return true
        }
        guard row.isLive, meaning.allSatisfy({ $0.phase == .ordered }) else {
            throw StoreError.deleted(record.id, newest: newest)
        }
        return false
    }

    private func revive(_ record: BlockRecord) {
        let key = BlockKey(record)
        rows[key]?.block.record = record
        rows[key]?.isLive = true
        rows[key]?.removeAfter = nil
    }

    private func reopenDeletions(_ block: BlockRecord) {
        for index in deletions.indices
        where deletions[index].phase == .done && deletions[index].tenant == block.tenant
            && deletions[index].number > block.deletionsSeen
            && deletions[index].range.overlaps(block.range)
        {
            deletions[index].phase = .stored
            deletions[index].finishedAt = nil
        }
    }

    func blocks(of tenant: TenantID, overlapping range: TimeRange) -> [BlockRecord] {
        liveRecords.filter { $0.tenant == tenant && $0.range.overlaps(range) }
    }

    func read(_ wanted: BlockRead) throws -> [[UInt8]] {
        guard let row = rows[BlockKey(wanted.block)] else {
            throw StoreError.missing("block \(wanted.block.id)")
        }
        return wanted.ranges.map { Array(row.block.body[$0]) }
    }

    func stage(_ block: NewBlock, under lease: Lease) throws {
        try require(lease)
        let key = BlockKey(block.record)
        let removal = now + 86_400_000
        if rows[key] == nil {
            rows[key] = Row(block: block, isLive: false, removeAfter: removal)
        } else if rows[key]?.isLive == false {
            rows[key]?.removeAfter = removal
        }
    }

    func replace(
        _ parents: [BlockRecord],
        with children: [BlockRecord],
        under lease: Lease,
        grace: Duration
    ) throws {
        try require(lease)
        var rows = rows
        try retire(parents, grace, in: &rows)
        for child in children {
            try show(child, seen: child.deletionsSeen, in: &rows)
        }
        self.rows = rows
    }

    func retireBlocks(endingBy time: Int64, under lease: Lease, grace: Duration) throws -> Int {
        try require(lease)
        let old = liveRecords.filter { $0.tenant == lease.tenant && $0.range.end <= time }
        try retire(old, grace, in: &rows)
        return old.count
    }

    func removeRetiredBlocks(of tenant: TenantID, limit: Int) -> RemovedBlocks {
        let due = rows.filter { key, row in
            key.tenant == tenant && !row.isLive && (row.removeAfter ?? .max) < now
        }
        var removed = RemovedBlocks()
        for key in due.keys.sorted(by: { $0.id < $1.id }).prefix(limit) {
            removed.count += 1
            removed.size += rows[key]?.block.record.size ?? 0
            rows[key] = nil
        }
        return removed
    }

    private func retire(
        _ blocks: [BlockRecord],
        _ grace: Duration,
        in rows: inout [BlockKey: Row]
    ) throws {
        for block in blocks {
            guard let row = rows[BlockKey(block)], row.isLive,
                row.block.record.deletionsSeen == block.deletionsSeen
            else { throw StoreError.notLive(block.id) }
            rows[BlockKey(block)]?.isLive = false
            rows[BlockKey(block)]?.removeAfter = now + grace.microseconds / 1000
        }
    }

    private func show(
        _ child: BlockRecord,
        seen: Int64,
        in rows: inout [BlockKey: Row]
    ) throws {
        guard var row = rows[BlockKey(child)] else {
            throw StoreError.missing("block \(child.id)")
        }
        row.isLive = true
        row.removeAfter = nil
        row.block.record.level = child.level
        row.block.record.deletionsSeen = max(row.block.record.deletionsSeen, seen)
        rows[BlockKey(child)] = row
    }

    // MARK: Deletions

    func order(
        _ selectors: [String],
        of tenant: TenantID,
        in range: TimeRange
    ) -> SeriesDeletion {
        let deletion = SeriesDeletion(
            tenant: tenant,
            number: Int64(deletions.count + 1),
            selectors: selectors,
            range: range,
            requestedAt: now
        )
        deletions.append(deletion)
        return deletion
    }

    func advance(_ deletion: SeriesDeletion, to phase: SeriesDeletion.Phase) -> Bool {
        let phases = SeriesDeletion.Phase.allCases
        let isUnseen = liveRecords.contains {
            $0.tenant == deletion.tenant && $0.deletionsSeen < deletion.number
                && $0.range.overlaps(deletion.range)
        }
        guard let index = deletions.firstIndex(where: { $0.number == deletion.number }),
            let before = phases.firstIndex(of: deletions[index].phase),
            let after = phases.firstIndex(of: phase), before < after,
            phase != .done || !isUnseen
        else { return false }
        deletions[index].phase = phase
        deletions[index].finishedAt = phase == .done ? now : nil
        return true
    }

    func rewrite(
        _ parent: BlockRecord,
        as children: [BlockRecord],
        seen: Int64,
        removed: [Int64: Int],
        under lease: Lease,
        grace: Duration
    ) throws {
        try require(lease)
        var rows = rows
        if children.contains(where: { $0.id == parent.id }) {
            guard rows[BlockKey(parent)]?.isLive == true else {
                throw StoreError.notLive(parent.id)
            }
        } else {
            try retire([parent], grace, in: &rows)
        }
        for child in children {
            try show(child, seen: seen, in: &rows)
        }
        self.rows = rows
        for index in deletions.indices {
            deletions[index].removedSamples += removed[deletions[index].number] ?? 0
        }
    }

    // MARK: Leases

    func acquireLease(_ name: String, of tenant: TenantID, lasting: Duration) -> Lease? {
        leaseEpoch += 1
        let key = "\(tenant.name)/\(name)"
        if let row = leases[key], row.expiresAt >= now { return nil }
        leases[key] = LeaseRow(
            epoch: leaseEpoch,
            expiresAt: now + lasting.microseconds / 1000
        )
        return Lease(tenant: tenant, name: name, epoch: leaseEpoch)
    }

    func renew(_ lease: Lease, lasting: Duration) throws {
        try require(lease)
        leases["\(lease.tenant.name)/\(lease.name)"]?.expiresAt =
            now + lasting.microseconds / 1000
    }

    func release(_ lease: Lease) {
        let key = "\(lease.tenant.name)/\(lease.name)"
        if leases[key]?.epoch == lease.epoch { leases[key] = nil }
    }

    private func require(_ lease: Lease) throws {
        guard leases["\(lease.tenant.name)/\(lease.name)"]?.epoch == lease.epoch else {
            throw StoreError.leaseLost(lease.name)
        }
    }

    // MARK: Ring

    func register(_ member: RingMember) -> RingMember {
        ringEpochs[member.instance, default: 0] += 1
        var member = member
        member.epoch = ringEpochs[member.instance] ?? 1
        if member.tokens.isEmpty { member.tokens = members[member.instance]?.member.tokens ?? [] }
        member.deletionsSeen = members[member.instance]?.member.deletionsSeen
        if let seen = departures.removeValue(forKey: member.instance),
            deletions.contains(where: { $0.number > seen })
        {
            member.deletionsSeen = seen
        }
        members[member.instance] = MemberRow(member: member, heartbeatAt: now)
        return member
    }

    func heartbeat(_ member: RingMember) throws {
        try requireEpoch(of: member)
        guard members[member.instance] != nil else {
            throw StoreError.missing("ring member \"\(member.instance)\"")
        }
        members[member.instance]?.member.state = member.state
        members[member.instance]?.member.tokens = member.tokens
        members[member.instance]?.member.deletionsSeen = member.deletionsSeen
        members[member.instance]?.heartbeatAt = now
        members[member.instance]?.storedThrough = member.unstoredAge.map { now - $0 }
    }

    func unregister(_ member: RingMember) throws {
        try requireEpoch(of: member)
        guard let row = members.removeValue(forKey: member.instance) else { return }
        let ordered = deletions.filter { $0.phase == .ordered }.map(\.number).min()
        departures[member.instance] =
            row.member.deletionsSeen ?? ordered.map { $0 - 1 } ?? deletions.map(\.number).max() ?? 0
    }

    private func requireEpoch(of member: RingMember) throws {
        guard let row = members[member.instance], row.member.epoch != member.epoch else { return }
        throw StoreError.fenced(instance: member.instance, epoch: row.member.epoch)
    }

    func allMembers() -> [RingMember] {
        members.values.map { row in
            var member = row.member
            member.heartbeatAge = max(0, now - row.heartbeatAt)
            member.unstoredAge = row.storedThrough.map { max(0, now - $0) }
            return member
        }.sorted { $0.instance < $1.instance }
    }
}
