import ClusterInterface
import Logging
import MetricsModel
import PrometheusAPI
import Synchronization
import Testing

@testable import ServiceSupport
@testable import Services

/// Limits in the store: how a process follows them, and how they are changed.
@Suite(.timeLimit(.minutes(1))) struct StoredLimitsTests {
    private let red: TenantID
    private let blue: TenantID

    init() throws {
        red = try TenantID("red")
        blue = try TenantID("blue")
    }

    /// A process with a file, and a store in memory.
    private struct Process {
        let store = MemoryOverrides()
        let limits: LimitsInForce
        let stored: StoredOverrides

        init(_ file: String = "api_allowed_limits: [\"*\"]") throws {
            limits = LimitsInForce(try Self.read(file))
            stored = StoredOverrides(
                store: store,
                limits: limits,
                interval: .seconds(10),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        }

        static func read(_ file: String) throws -> TenantOverrides {
            try TenantOverrides(
                path: "FILE",
                bytes: Array(file.utf8),
                defaults: ServiceSettings(defaultsFor: .engram),
                executable: .engram
            )
        }

        var editor: OverridesEditor {
            OverridesEditor(
                store: store,
                overrides: { [limits] in limits.overrides },
                onWrite: { [stored] in stored.take($0) }
            )
        }

        func rate(_ tenant: TenantID) -> Int { limits.table.limits(for: tenant).ingestionRate }
    }

    @Test func `a process reads all once, and then only what has changed`() async throws {
        let process = try Process("overrides: {red: {ingestionRate: 7, maxSeries: 3}}")
        let first = process.store.add(red, #"{"ingestion_rate":10}"#)
        _ = process.store.add(blue, #"{"ingestion_rate":20}"#)
        await process.stored.poll()
        #expect(process.rate(red) == 10 && process.rate(blue) == 20)
        #expect(process.limits.table.limits(for: red).maxSeries == 3)
        let second = process.store.add(blue, #"{"ingestion_rate":21}"#)
        await process.stored.poll()
        await process.stored.poll()
        #expect(process.rate(blue) == 21)
        #expect(process.store.asked == [0, first + 1, second])

        // Another file comes into force: what is stored stays over it.
        process.limits.apply(try Process.read("overrides: {red: {ingestionRate: 8}}"))
        #expect(process.rate(red) == 10)
        #expect(process.limits.table.limits(for: red).maxSeries == 0)
        _ = process.store.add(red, "{}")
        await process.stored.poll()
        #expect(process.rate(red) == 8)
    }

    @Test func `ten thousand tenants are read in pages`() async throws {
        let process = try Process()
        for number in 0..<10_000 {
            let tenant = try TenantID("t\(number)")
            _ = process.store.add(tenant, #"{"ingestion_rate":\#(number + 1)}"#)
        }
        await process.stored.poll()
        #expect(process.rate(try TenantID("t9999")) == 10_000)
        #expect(process.store.asked.count == 11)
        await process.stored.poll()
        #expect(process.store.asked.last == 10_000)
    }

    @Test func `while the store is away all stays, and nothing is deleted before it was read`()
        async throws
    {
        let process = try Process("overrides: {red: {retention: 1d}}")
        process.store.setAway(true)
        await process.stored.poll()
        #expect(process.limits.retention(of: red) == 0)
        process.store.setAway(false)
        _ = process.store.add(blue, #"{"ingestion_rate":20,"retention":"2d"}"#)
        await process.stored.poll()
        #expect(process.limits.retention(of: red) == 86_400_000)
        #expect(process.limits.retention(of: blue) == 2 * 86_400_000)
        process.store.setAway(true)
        await process.stored.poll()
        #expect(process.rate(blue) == 20)
        #expect(process.limits.retention(of: blue) == 2 * 86_400_000)
        // What is not understood may be a longer retention.
        process.store.setAway(false)
        _ = process.store.add(blue, #"{"ingestion_rate":21,"retention_of_tomorrow":1}"#)
        await process.stored.poll()
        #expect(process.rate(blue) == 21 && process.limits.retention(of: blue) == 0)
        #expect(process.limits.refusedTenants == 1)
        _ = process.store.add(blue, #"{"retention":"3d"}"#)
        await process.stored.poll()
        #expect(process.limits.retention(of: blue) == 3 * 86_400_000)
        #expect(process.limits.refusedTenants == 0)
    }

    @Test func `a store that was put back to an earlier time is followed`() async throws {
        let process = try Process()
        _ = process.store.add(red, #"{"ingestion_rate":1}"#)
        let backup = process.store.rows
        _ = process.store.add(red, #"{"ingestion_rate":2}"#)
        _ = process.store.add(blue, #"{"ingestion_rate":3}"#)
        await process.stored.poll()
        #expect(process.rate(red) == 2 && process.rate(blue) == 3)
        process.store.rows = backup
        for _ in 0..<60 { await process.stored.poll() }
        #expect(process.rate(red) == 1 && process.rate(blue) == 0)
        _ = process.store.add(blue, #"{"ingestion_rate":4}"#)
        await process.stored.poll()
        #expect(process.rate(blue) == 4)
    }

    @Test func `a change is in force at once where it was made, and an old answer undoes nothing`()
        async throws
    {
        let process = try Process()
        await process.stored.poll()
        let version = try await process.editor.edit(
            .merge(json: #"{"ingestion_rate": 5}"#),
            of: red,
            expectedVersion: 0,
            author: "ann",
            comment: ""
        )
        #expect(process.rate(red) == 5)
        let stale = TenantOverridesRow(
            tenant: red,
            version: version - 1,
            document: #"{"ingestion_rate":1}"#,
            author: "",
            comment: "",
            changedAt: 0
        )
        _ = process.limits.apply(stored: [stale], replacingThrough: nil)
        _ = process.limits.apply(stored: [], replacingThrough: version - 1)
        #expect(process.rate(red) == 5)
        _ = process.limits.apply(stored: [], replacingThrough: version)
        #expect(process.rate(red) == 0)
    }

    // MARK: Changing

    private func edit(
        _ process: Process,
        _ edit: OverridesEdit,
        expecting version: Int64? = nil
    ) async throws -> Int64 {
        try await process.editor.edit(
            edit,
            of: red,
            expectedVersion: version,
            author: "ann",
            comment: "c"
        )
    }

    @Test func `changes that come at once are all made`() async throws {
        let process = try Process()
        let limits = ["max_series", "max_exemplars", "ingestion_rate", "ha_max_clusters"]
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for limit in limits {
                group.addTask {
                    try await edit(process, .merge(json: "{\"\(limit)\": 3}"))
                }
            }
            for try await _ in group {}
        }
        #expect(process.store.rows.count == 4)
        let newest = process.store.rows.last?.document
        #expect(
            newest
                == #"{"ha_max_clusters":3,"ingestion_rate":3,"max_exemplars":3,"max_series_per_user":3}"#
        )
        let history = try await process.editor.history(of: red, before: nil, limit: 10)
        #expect(history.map(\.version) == [4, 3, 2, 1])
        #expect(history.allSatisfy { $0.changes.count == 1 && $0.author == "ann" })
        let page = try await process.editor.history(of: red, before: 4, limit: 2)
        #expect(page.map(\.version) == [3, 2])
        #expect(page.allSatisfy { $0.changes.count == 1 })
    }

    @Test func `a version that is not the newest is a conflict, and nothing new is no change`()
        async throws
    {
        let process = try Process()
        let first = try await edit(process, .merge(json: #"{"ingestion_rate":1}"#))
        let same = try await edit(process, .merge(json: #"{"ingestionRate":1}"#), expecting: first)
        #expect(same == first && process.store.rows.count == 1)
        await #expect(throws: OverridesError.conflict(current: first)) {
            try await edit(process, .removeAll, expecting: 0)
        }
        let second = try await edit(process, .merge(json: #"{"ingestion_rate":2}"#))
        #expect(try await edit(process, .restore(version: first), expecting: second) > second)
        #expect(process.rate(red) == 1)
        await #expect(throws: OverridesError.unknownVersion(99)) {
            try await edit(process, .restore(version: 99))
        }
        _ = process.store.add(blue, "{}")
        await #expect(throws: OverridesError.unknownVersion(4)) {
            try await edit(process, .restore(version: 4))
        }
        process.store.setAway(true)
        await #expect(throws: OverridesError.unavailable("the store does not answer: no answer")) {
            try await edit(process, .removeAll)
        }
    }

    @Test func `of what cannot be read nothing is made, but by an operator`() async throws {
        let process = try Process()
        _ = process.store.add(red, "garbage")
        await #expect(throws: OverridesError.self) {
            try await edit(process, .merge(json: #"{"ingestion_rate":1}"#))
        }
        var editor = process.editor
        editor.isOperator = true
        let version = try await editor.edit(
            .merge(json: #"{"ingestion_rate":1}"#),
            of: red,
            expectedVersion: nil,
            author: "",
            comment: ""
        )
        #expect(version == 2 && process.rate(red) == 1)
        let history = try await editor.history(of: red, before: nil, limit: 9)
        #expect(history.map(\.document) == [#"{"ingestion_rate":1}"#, "{}"])
    }
}

/// A store in memory that can be away.
private final class MemoryOverrides: OverridesStore {
    private struct State {
        var rows: [TenantOverridesRow] = []
        var asked: [Int64] = []
        var isAway = false
    }

    private let state = Mutex(State())

    var rows: [TenantOverridesRow] {
        get { state.withLock { $0.rows } }
        set { state.withLock { $0.rows = newValue } }
    }

    /// Versions after which changes were asked for.
    var asked: [Int64] { state.withLock { $0.asked } }

    func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// - Returns: The version.
    func add(_ tenant: TenantID, _ document: String) -> Int64 {
        state.withLock { Self.add(tenant, document, "", &$0).version }
    }

    func tenantOverrides(
        changedAfter version: Int64,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            state.asked.append(version)
            var newest: [TenantID: TenantOverridesRow] = [:]
            for row in state.rows where row.version > version { newest[row.tenant] = row }
            return Array(newest.values.sorted { $0.version < $1.version }.prefix(limit))
        }
    }

    func tenantOverrides(
        of tenant: TenantID,
        through version: Int64?,
        limit: Int
    ) async throws -> [TenantOverridesRow] {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            return Array(
                state.rows.reversed().lazy
                    .filter { $0.tenant == tenant && $0.version <= version ?? .max }.prefix(limit)
            )
        }
    }

    func write(_ change: TenantOverridesChange) async throws -> TenantOverridesRow? {
        try state.withLock { state in
            if state.isAway { throw StoreError.unavailable("no answer") }
            let newest = state.rows.last { $0.tenant == change.tenant }?.version ?? 0
            guard newest == change.expectedVersion else { return nil }
            return Self.add(change.tenant, change.document, change.author, &state)
        }
    }

    private static func add(
        _ tenant: TenantID,
        _ document: String,
        _ author: String,
        _ state: inout State
    ) -> TenantOverridesRow {
        let row = TenantOverridesRow(
            tenant: tenant,
            version: (state.rows.last?.version ?? 0) + 1,
            document: document,
            author: author,
            comment: "",
            changedAt: 0
        )
        state.rows.append(row)
        return row
    }
}
