internal import ClusterInterface
internal import HashRing
internal import MetricsModel

/// Who gets which rows of a request.
struct WritePlan {
    /// What goes to one ingester.
    struct Target {
        /// Position in the ring's list of members.
        var member: Int
        var batch: WriteBatch
        /// For each row of the batch, its row in the request; nil where the batch has all rows in order.
        var rows: [UInt32]?
        /// For each entry of the batch's metadata, its number in the request; nil where the batch has all in order.
        var metadataEntries: [UInt32]?
        /// Rows of the batch that carry their key.
        var rowsWithKey: [UInt32]

        func requestRow(_ row: Int) -> Int { rows.map { Int($0[row]) } ?? row }

        func requestMetadata(_ entry: Int) -> Int {
            metadataEntries.map { Int($0[entry]) } ?? entry
        }
    }

    private(set) var targets: [Target] = []
    private(set) var groups: [QuorumWrite.Group] = []
    /// For each target, the failure domain it is in.
    private(set) var domains: [UInt32] = []
    /// For each row of the request, its group; nil where there is only one.
    private(set) var groupOfRow: [UInt32]?
    /// For each entry of the request's metadata, its group; nil where there is only one.
    private(set) var groupOfMetadata: [Int]?

    /// - Throws: ``PlanError`` where a row has healthy ingesters in fewer failure domains than a write needs.
    init(_ write: PreparedWrite, to destinations: WriteTargets, quorum: Quorum) throws(PlanError) {
        let ring = destinations.ring
        if let replicas = ring.commonReplicas(replicationFactor: quorum.replicationFactor) {
            for member in replicas {
                targets.append(Self.wholeTarget(write, member: member, of: destinations))
                domains.append(Self.domain(of: member, ring, quorum))
            }
            try addGroup(ReplicaSet(0..<replicas.count), quorum: quorum)
            return
        }
        try distribute(write, over: destinations, quorum: quorum)
    }

    func group(ofRow row: Int) -> Int { groupOfRow.map { Int($0[row]) } ?? 0 }

    func group(ofMetadata entry: Int) -> Int { groupOfMetadata?[entry] ?? 0 }

    /// The batch for an ingester that gets every row: it shares all columns but the keys with the request.
    private static func wholeTarget(
        _ write: PreparedWrite,
        member: Int,
        of destinations: WriteTargets
    ) -> Target {
        var batch = WriteBatch(tenant: write.tenant)
        batch.fingerprints = write.fingerprints
        batch.sampleEnds = write.sampleEnds
        batch.timestamps = write.timestamps
        batch.values = write.values
        batch.startTimestamps = write.startTimestamps
        batch.histogramEnds = write.histogramEnds
        batch.histograms = write.histograms
        batch.exemplarEnds = write.exemplarEnds
        batch.exemplars = write.exemplars
        batch.metadata = write.metadata
        var target = Target(member: member, batch: batch, rows: nil, rowsWithKey: [])
        let slotMask: UInt64 = 1 << UInt64(destinations.slots[member])
        if write.masks.allSatisfy({ $0 & slotMask != 0 }) {
            target.batch.keyEnds = [UInt32](repeating: 0, count: write.rowCount)
            return target
        }
        target.batch.keyEnds.reserveCapacity(write.rowCount)
        for row in 0..<write.rowCount {
            if write.masks[row] & slotMask == 0 { target.appendKey(ofRow: row, in: write) }
            target.batch.keyEnds.append(UInt32(target.batch.keys.count))
        }
        return target
    }

    private mutating func distribute(
        _ write: PreparedWrite,
        over destinations: WriteTargets,
        quorum: Quorum
    ) throws(PlanError) {
        let ring = destinations.ring
        var numbers = GroupNumbers()
        var targetOfMember = [Int](repeating: -1, count: ring.members.count)
        var groupOfRow: [UInt32] = []
        groupOfRow.reserveCapacity(write.rowCount)
        for fingerprint in write.fingerprints {
            let replicas = ring.replicas(
                for: fingerprint.token,
                replicationFactor: quorum.replicationFactor
            )
            let group = try group(of: replicas, &numbers, &targetOfMember, write, ring, quorum)
            groupOfRow.append(UInt32(group))
        }
        // A metric's metadata has a place of its own on the ring: its series are everywhere.
        let metadataGroups = try write.metadata.map { entry throws(PlanError) in
            let replicas = ring.replicas(
                for: Fingerprint(metricName: entry.name, seed: write.seed).token,
                replicationFactor: quorum.replicationFactor
            )
            return try group(of: replicas, &numbers, &targetOfMember, write, ring, quorum)
        }
        var rows = [[UInt32]](repeating: [], count: targets.count)
        for (row, group) in groupOfRow.enumerated() {
            for target in groups[Int(group)].targets { rows[target].append(UInt32(row)) }
        }
        for target in targets.indices {
            targets[target].fill(
                rows[target],
                of: write,
                slot: destinations.slots[targets[target].member]
            )
        }
        for (number, group) in metadataGroups.enumerated() {
            for target in groups[group].targets {
                targets[target].batch.metadata.append(write.metadata[number])
                targets[target].metadataEntries?.append(UInt32(number))
            }
        }
        groupOfMetadata = metadataGroups
        self.groupOfRow = groupOfRow
    }

    /// The number of the group with these replicas, which become targets where they are none yet.
    private mutating func group(
        of replicas: ReplicaSet,
        _ numbers: inout GroupNumbers,
        _ targetOfMember: inout [Int],
        _ write: PreparedWrite,
        _ ring: HashRing,
        _ quorum: Quorum
    ) throws(PlanError) -> Int {
        let group = numbers.number(of: replicas)
        guard group == groups.count else { return group }
        for member in replicas where targetOfMember[member] < 0 {
            targetOfMember[member] = targets.count
            domains.append(Self.domain(of: member, ring, quorum))
            targets.append(
                Target(
                    member: member,
                    batch: WriteBatch(tenant: write.tenant),
                    rows: [],
                    metadataEntries: [],
                    rowsWithKey: []
                )
            )
        }
        try addGroup(ReplicaSet(replicas.map { targetOfMember[$0] }), quorum: quorum)
        return group
    }

    private static func domain(of member: Int, _ ring: HashRing, _ quorum: Quorum) -> UInt32 {
        ring.failureDomain(of: member, replicationFactor: quorum.replicationFactor)
    }

    /// - Parameter members: Positions in ``targets``.
    private mutating func addGroup(_ members: ReplicaSet, quorum: Quorum) throws(PlanError) {
        let reachable = Set(members.map { domains[$0] }).count
        guard reachable >= quorum.write else {
            throw PlanError(healthy: members.count, domains: reachable, required: quorum.write)
        }
        groups.append(QuorumWrite.Group(targets: members, required: quorum.write))
    }
}

/// Too few ingesters are healthy for some series, or they are in too few zones.
struct PlanError: Error, Equatable {
    var healthy: Int
    /// Failure domains they are in.
    var domains: Int
    var required: Int
}

extension WritePlan.Target {
    /// Adds the key of a row of the request to the batch's row that is being made.
    fileprivate mutating func appendKey(ofRow row: Int, in write: PreparedWrite) {
        write.withKey(ofRow: row) { batch.keys.append(contentsOf: $0) }
        rowsWithKey.append(UInt32(batch.keyEnds.count))
    }

    /// Makes the batch of some rows of the request, with keys where the slot's ingester has not had them.
    ///
    /// - Parameter slot: nil where all rows get their keys.
    fileprivate mutating func fill(_ rows: [UInt32], of write: PreparedWrite, slot: Int?) {
        self.rows = rows
        batch.fingerprints = rows.map { write.fingerprints[Int($0)] }
        batch.keyEnds.reserveCapacity(rows.count)
        batch.sampleEnds.reserveCapacity(rows.count)
        batch.timestamps.reserveCapacity(rows.count)
        batch.values.reserveCapacity(rows.count)
        for row in rows {
            let row = Int(row)
            if slot.map({ write.masks[row] >> UInt64($0) & 1 == 0 }) ?? true {
                appendKey(ofRow: row, in: write)
            }
            batch.keyEnds.append(UInt32(batch.keys.count))
            let samples = write.sampleRange(ofRow: row)
            for sample in samples {
                batch.timestamps.append(write.timestamps[sample])
                batch.values.append(write.values[sample])
            }
            if !write.startTimestamps.isEmpty {
                batch.startTimestamps.append(contentsOf: write.startTimestamps[samples])
            }
            batch.sampleEnds.append(UInt32(batch.timestamps.count))
            if !write.histogramEnds.isEmpty { appendHistograms(ofRow: row, in: write) }
            if !write.exemplarEnds.isEmpty {
                batch.exemplars.append(contentsOf: write.exemplars[write.exemplarRange(ofRow: row)])
                batch.exemplarEnds.append(UInt32(batch.exemplars.count))
            }
        }
        // The rows that have starts may all be others.
        batch.startTimestamps.emptyIfUnknown()
        batch.histograms.startTimestamps.emptyIfUnknown()
    }

    private mutating func appendHistograms(ofRow row: Int, in write: PreparedWrite) {
        let range = write.histogramRange(ofRow: row)
        batch.histograms.timestamps.append(contentsOf: write.histograms.timestamps[range])
        batch.histograms.values.append(contentsOf: write.histograms.values[range])
        if !write.histograms.startTimestamps.isEmpty {
            batch.histograms.startTimestamps
                .append(contentsOf: write.histograms.startTimestamps[range])
        }
        batch.histogramEnds.append(UInt32(batch.histograms.timestamps.count))
    }

    /// The rows that an ingester asked for, with their keys.
    func resend(_ unknownRows: [UInt32], of write: PreparedWrite) -> WritePlan.Target {
        var target = WritePlan.Target(
            member: member,
            batch: WriteBatch(tenant: batch.tenant),
            rows: [],
            rowsWithKey: []
        )
        target.fill(
            unknownRows.map { UInt32(requestRow(Int($0))) },
            of: write,
            slot: nil
        )
        return target
    }
}

/// Numbers replica sets in the order in which they come up; open addressing, as this is asked for each series.
private struct GroupNumbers {
    private var sets: [ReplicaSet] = []
    /// Numbers by place, plus one; 0 is free.
    private var places = [UInt32](repeating: 0, count: 256)

    /// The set's number; as many as there were where it is new.
    mutating func number(of set: ReplicaSet) -> Int {
        var place = Int(truncatingIfNeeded: set.mixedBits) & (places.count - 1)
        while places[place] != 0 {
            let number = Int(places[place]) - 1
            if sets[number] == set { return number }
            place = (place + 1) & (places.count - 1)
        }
        sets.append(set)
        places[place] = UInt32(sets.count)
        if 2 * sets.count > places.count { grow() }
        return sets.count - 1
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: 2 * places.count)
        for (number, set) in sets.enumerated() {
            var place = Int(truncatingIfNeeded: set.mixedBits) & (places.count - 1)
            while places[place] != 0 { place = (place + 1) & (places.count - 1) }
            places[place] = UInt32(number + 1)
        }
    }
}

extension [Int64] {
    /// Makes a column of start timestamps of which none is known what it has to be.
    mutating func emptyIfUnknown() {
        if allSatisfy({ $0 == 0 }) { removeAll() }
    }
}

extension Fingerprint {
    /// What gives a metric's metadata its place on the ring.
    fileprivate init(metricName: String, seed: TenantSeed) {
        var name = metricName
        self = name.withUTF8 { Fingerprint(seed: seed, key: UnsafeRawBufferPointer($0)) }
    }
}
