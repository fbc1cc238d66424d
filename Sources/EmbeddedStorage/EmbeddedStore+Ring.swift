import ClusterInterface
import Foundation
import GRDB
public import HashRing

extension EmbeddedStore {
    public func register(_ member: RingMember) async throws -> RingMember {
        try await write { database in
            let deletionsSeen = try Int64.fetchOne(
                database,
                sql: """
                    select deletions_seen from ring_epochs
                    where instance = ?
                        and exists (select 1 from deletions where number > deletions_seen)
                    """,
                arguments: [member.instance]
            )
            let epoch = try Int64.fetchOne(
                database,
                sql: """
                    insert into ring_epochs (instance, epoch) values (?, 1)
                    on conflict (instance) do update set epoch = epoch + 1, deletions_seen = null
                    returning epoch
                    """,
                arguments: [member.instance]
            )
            try database.execute(
                sql: """
                    insert into ring_members (instance, address, http_address, zone, state, tokens,
                        epoch, deletions_seen, heartbeat_at, registered_at)
                    values (?, ?, ?, ?, ?, ?, ?, ?, \(Self.now), \(Self.now))
                    on conflict (instance) do update set address = excluded.address,
                        http_address = excluded.http_address, zone = excluded.zone,
                        state = excluded.state, epoch = excluded.epoch,
                        heartbeat_at = excluded.heartbeat_at, stored_through = null,
                        tokens = case when length(excluded.tokens) > 0
                            then excluded.tokens else tokens end
                    """,
                arguments: [
                    member.instance, member.address, member.httpAddress, member.zone,
                    member.state.rawValue, Self.data(of: member.tokens), epoch, deletionsSeen,
                ]
            )
            let row = try Row.fetchOne(
                database,
                sql:
                    "select \(Self.memberColumns), deletions_seen from ring_members where instance = ?",
                arguments: [member.instance]
            )
            guard let row else { throw StoreError.missing("the row just written") }
            var registered = try Self.member(row)
            registered.deletionsSeen = row["deletions_seen"]
            return registered
        }
    }

    public func heartbeat(_ member: RingMember) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    update ring_members set state = ?, tokens = ?, heartbeat_at = \(Self.now),
                        stored_through = \(Self.now) - ?, deletions_seen = ?
                    where instance = ? and epoch = ?
                    """,
                arguments: [
                    member.state.rawValue, Self.data(of: member.tokens), member.unstoredAge,
                    member.deletionsSeen, member.instance, member.epoch,
                ]
            )
            guard database.changesCount == 0 else { return }
            guard let epoch = try Self.epoch(of: member, database) else {
                throw StoreError.missing("ring member \"\(member.instance)\"")
            }
            throw StoreError.fenced(instance: member.instance, epoch: epoch)
        }
    }

    /// Removes the row; one that is gone already is no error, so that a call may be repeated.
    public func unregister(_ member: RingMember) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    update ring_epochs
                    set deletions_seen = coalesce(member.deletions_seen, \(Self.deletionsCarriedOut))
                    from ring_members member
                    where ring_epochs.instance = ?1 and member.instance = ?1 and member.epoch = ?2
                    """,
                arguments: [member.instance, member.epoch]
            )
            try database.execute(
                sql: "delete from ring_members where instance = ? and epoch = ?",
                arguments: [member.instance, member.epoch]
            )
            guard database.changesCount == 0 else { return }
            guard let epoch = try Self.epoch(of: member, database) else { return }
            throw StoreError.fenced(instance: member.instance, epoch: epoch)
        }
    }

    public func members() async throws -> [RingMember] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "select \(Self.memberColumns) from ring_members order by instance"
            )
            return try rows.map { try Self.member($0) }
        }
    }

    /// The newest deletion up to which no tenant has one that ingesters may still hold samples of, in SQL.
    private static let deletionsCarriedOut = """
        (select coalesce(min(case when phase = 'ordered' then number - 1 end), max(number), 0)
            from deletions)
        """

    private static let memberColumns = """
        instance, address, http_address, zone, state, tokens, epoch, max(0, \(now) - heartbeat_at),
        max(0, \(now) - stored_through)
        """

    private static func epoch(of member: RingMember, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "select epoch from ring_members where instance = ?",
            arguments: [member.instance]
        )
    }

    private static func member(_ row: Row) throws -> RingMember {
        let instance: String = row[0]
        let stateName: String = row[4]
        guard let state = MemberState(rawValue: stateName) else {
            throw StoreError.corrupt("ring member \"\(instance)\" has the state \"\(stateName)\"")
        }
        return RingMember(
            instance: instance,
            address: row[1],
            httpAddress: row[2],
            zone: row[3],
            state: state,
            tokens: tokens(of: row[5]),
            epoch: row[6],
            heartbeatAge: row[7],
            unstoredAge: row[8]
        )
    }

    private static func data(of tokens: [UInt32]) -> Data {
        var data = Data(capacity: 4 * tokens.count)
        for token in tokens { withUnsafeBytes(of: token.bigEndian) { data.append(contentsOf: $0) } }
        return data
    }

    /// The schema holds `data` to whole tokens.
    private static func tokens(of data: Data) -> [UInt32] {
        let bytes = [UInt8](data)
        return stride(from: 0, to: bytes.count - 3, by: 4).map { start in
            bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
