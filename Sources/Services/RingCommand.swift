internal import HashRing

/// What `engram ring` is asked to do.
struct RingCommand: Equatable {
    enum Action: Equatable {
        case show
        /// Lists the ingesters in a tenant's shard, of the size that the limits say.
        case showShard(tenant: String, replicationFactor: Int)
        /// Removes the row of a dead member; without force only where nothing can be lost with it.
        case forget(instance: String, replicationFactor: Int?, isForced: Bool)
        /// Makes a ring of that many and measures it; asks no store.
        case simulate(ingesters: Int, zones: Int, replicationFactor: Int)
    }

    static let usage = """
        Usage: engram ring [show] [--tenant TENANT [--replication-factor N]]
               engram ring forget INSTANCE --replication-factor N
               engram ring forget INSTANCE --force
               engram ring simulate [--ingesters N] [--zones N] [--replication-factor N]

        show      lists the ingesters, and says of dead ones why they are still there; with --tenant those that
                  the tenant's series go to, by limits.ingestionTenantShardSize and limits.overridesFile,
                  with 3 copies unless --replication-factor says otherwise
        forget    removes a dead ingester from the ring, if all that it took is in blocks of the others;
                  with --force also if not: what only it holds is lost to queries until it comes back
        simulate  makes a ring of 1000 ingesters in three zones, or as many as you say, as a cluster makes it,
                  and measures balance, lookups and what moves; asks no store

        --dead-after SECONDS  silence after which an ingester counts as dead; 60 unless given, as
                              ring.heartbeatTimeout is

        A cluster forgets dead ingesters by itself; this is for those that it has to keep.
        Where the store is, is set as for the other commands, with --store-url for example.

        """

    var action: Action
    /// Silence after which an ingester counts as dead, in milliseconds.
    var heartbeatTimeout: Int64 = 60_000
    /// What configures the store.
    var rest: [String]

    /// - Throws: ``CommandUsageError``.
    init(arguments: [String]) throws(CommandUsageError) {
        var words: [String] = []
        var factor: Int?
        var tenant: String?
        var isForced = false
        var (ingesters, zones) = (1000, 3)
        rest = []
        var left = arguments[...]
        // Values of the store's settings stand behind the flag that they belong to.
        while let argument = left.popFirst() {
            switch argument {
            case "--force": isForced = true
            case "--replication-factor":
                factor = try Self.number(
                    left.popFirst(),
                    of: argument,
                    in: 1...ReplicaSet.maximumCount
                )
            case "--ingesters":
                ingesters = try Self.number(left.popFirst(), of: argument, in: 1...10_000)
            case "--zones":
                zones = try Self.number(
                    left.popFirst(),
                    of: argument,
                    in: 1...ReplicaSet.maximumCount
                )
            case "--tenant":
                guard let name = left.popFirst() else {
                    throw CommandUsageError("--tenant needs a name")
                }
                tenant = name
            case "--dead-after":
                heartbeatTimeout = Int64(
                    1000 * (try Self.number(left.popFirst(), of: argument, in: 1...86_400))
                )
            default:
                if argument.hasPrefix("-") {
                    rest.append(argument)
                    if !argument.contains("="), let value = left.popFirst() { rest.append(value) }
                } else {
                    words.append(argument)
                }
            }
        }
        switch words.first {
        case nil, "show":
            action =
                tenant.map { .showShard(tenant: $0, replicationFactor: factor ?? 3) } ?? .show
        case "forget":
            guard words.count == 2 else { throw CommandUsageError("forget which INSTANCE?") }
            guard factor != nil || isForced else {
                throw CommandUsageError("forget needs --replication-factor N, or --force")
            }
            action = .forget(instance: words[1], replicationFactor: factor, isForced: isForced)
        case "simulate":
            action = .simulate(ingesters: ingesters, zones: zones, replicationFactor: factor ?? 3)
        case let verb?:
            throw CommandUsageError("\"\(verb)\" is no command: show, forget and simulate are")
        }
    }

    private static func number(
        _ text: String?,
        of option: String,
        in range: ClosedRange<Int>
    ) throws(CommandUsageError) -> Int {
        guard let number = text.flatMap({ Int($0) }), range.contains(number) else {
            throw CommandUsageError(
                "\(option) needs a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }
}

/// The ring as a table for people.
struct RingTable {
    private var rows: [[String]] = [
        ["INSTANCE", "STATE", "ZONE", "ADDRESS", "TOKENS", "OWNS", "HEARTBEAT", "UNSTORED"]
    ]
    private var notes: [String] = []

    /// - Parameters:
    ///   - heartbeatTimeout: Milliseconds.
    ///   - shard: Picks the members that are listed, with their shares of the shard; nil lists all.
    init(
        _ members: [RingMember],
        heartbeatTimeout: Int64,
        shard: (HashRing) -> [Int]? = { _ in nil }
    ) {
        let whole = HashRing(members: members) { $0.heartbeatAge <= heartbeatTimeout }
        let ring = shard(whole).map(whole.restricted(to:)) ?? whole
        // Any factor above one: which one it is makes no difference to what a dead member waits for.
        let dead = DeadMembers(
            heartbeatTimeout: heartbeatTimeout,
            quorum: Quorum(replicationFactor: 3)
        )
        for (member, share) in zip(ring.members, ring.ownership) {
            let isDead = member.heartbeatAge > heartbeatTimeout
            rows.append([
                member.instance, member.state.rawValue + (isDead ? " (dead)" : ""),
                member.zone.isEmpty ? "-" : member.zone, member.address,
                "\(member.tokens.count)", "\((share * 1000).rounded() / 10) %",
                "\(Self.text(member.heartbeatAge)) ago",
                member.unstoredAge.map { "since \(Self.text($0))" } ?? "not known",
            ])
            guard isDead else { continue }
            let reason = dead.reasonToKeep(member, among: members, deadFor: member.heartbeatAge)
            notes.append(
                reason.map { "\(member.instance) is dead and kept: \($0)" }
                    ?? "\(member.instance) is dead, and all that it took is stored: it can be forgotten"
            )
        }
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        return (lines + notes).map { $0 + "\n" }.joined()
    }

    private static func text(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
    }
}
