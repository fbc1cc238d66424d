import CLibpq
import ClusterInterface
import Glibc

/// One connection, used by one thread; closed with the object.
///
/// Statements wait with a deadline of their own, because a vanished host sends no error.
final class PostgresConnection {
    private let connection: OpaquePointer
    private let settings: PostgresSettings
    /// An answer did not come in time and could be taken for that to another statement.
    private var isAbandoned = false

    /// How much longer than the database we wait for the end of a statement.
    private static let patience: Duration = .seconds(5)

    /// - Throws: ``StoreError/unavailable(_:)``.
    init(url: String, settings: PostgresSettings) throws(StoreError) {
        let connectSeconds = max(2, Int(settings.connectTimeout.components.seconds))
        // The URL comes after what it may change, and before what it must not.
        let options = [
            ("connect_timeout", "\(connectSeconds)"), ("fallback_application_name", "engram"),
            ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            // A standby, or a server that still reads its WAL, shows a ring of long ago.
            ("tcp_user_timeout", "30000"), ("target_session_attrs", "read-write"),
            ("dbname", url), ("client_encoding", "UTF8"),
        ]
        guard let connection = Self.connect(options) else {
            throw .unavailable("no memory for a connection")
        }
        self.connection = connection
        self.settings = settings
        guard PQstatus(connection) == CONNECTION_OK else { throw .unavailable(lastMessage) }
        // Notices are for people at a terminal.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    /// Whether the URL is one that libpq understands; it may still lead nowhere.
    static func isValid(url: String) -> Bool {
        guard let options = PQconninfoParse(url, nil) else { return false }
        PQconninfoFree(options)
        return true
    }

    var isAlive: Bool { !isAbandoned && PQstatus(connection) == CONNECTION_OK }

    /// The text in quotes, as a constant in SQL.
    func literal(_ text: String) throws(StoreError) -> String {
        guard let quoted = PQescapeLiteral(connection, text, text.utf8.count) else {
            throw .unavailable(lastMessage)
        }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    /// Runs one or more statements without parameters; results are dropped.
    func run(_ sql: String) throws(StoreError) {
        guard PQsendQuery(connection, sql) == 1 else { throw .unavailable(lastMessage) }
        _ = try finish()
    }

    /// Runs one statement; parameters and result are in binary format, nothing stays prepared.
    func query(
        _ sql: String,
        _ parameters: [PostgresParameter]
    ) throws(StoreError) -> PostgresResult {
        var buffer: [UInt8] = []
        var offsets: [Int] = []
        for parameter in parameters {
            offsets.append(buffer.count)
            parameter.append(to: &buffer)
        }
        // So that an empty last value has an address, too: a null pointer means NULL.
        buffer.append(0)
        let ends = offsets.dropFirst() + [buffer.count - 1]
        let lengths = zip(offsets, ends).map { Int32($1 - $0) }
        let sent = buffer.withUnsafeBytes { bytes in
            let base = bytes.baseAddress
            let values = offsets.map { base?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            return PQsendQueryParams(
                connection,
                sql,
                Int32(parameters.count),
                parameters.map(\.typeID),
                values,
                lengths,
                Array(repeating: 1, count: parameters.count),
                1
            )
        }
        guard sent == 1 else { throw .unavailable(lastMessage) }
        return try finish()
    }

    /// Takes all results of what was sent, and returns the last or throws the first error.
    private func finish() throws(StoreError) -> PostgresResult {
        let deadline = ContinuousClock.now + settings.statementTimeout + Self.patience
        var last: PostgresResult?
        var failure: StoreError?
        while true {
            try waitUntilReady(deadline: deadline)
            guard let pointer = PQgetResult(connection) else { break }
            let result = PostgresResult(pointer)
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = consume result
            default: failure = failure ?? StoreError(result, isAlive: isAlive)
            }
        }
        if let failure { throw failure }
        guard let last else { throw .unavailable(lastMessage) }
        return last
    }

    private func waitUntilReady(deadline: ContinuousClock.Instant) throws(StoreError) {
        while PQisBusy(connection) == 1 {
            let left = deadline - ContinuousClock.now
            var interest = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            let milliseconds = left / .milliseconds(1)
            guard milliseconds > 0 else {
                isAbandoned = true
                throw .unavailable("no answer within \(settings.statementTimeout + Self.patience)")
            }
            _ = poll(&interest, 1, Int32(min(milliseconds + 1, 60_000)))
            guard PQconsumeInput(connection) == 1 else { throw .unavailable(lastMessage) }
        }
    }

    private var lastMessage: String {
        let message = String(cString: PQerrorMessage(connection))
        let lines = message.split(whereSeparator: \.isNewline).map { $0.trimmingTabs() }
        return lines.isEmpty ? "the connection is gone" : lines.joined(separator: "; ")
    }

    private static func connect(_ options: [(name: String, value: String)]) -> OpaquePointer? {
        let copies = options.map { (strdup($0.name), strdup($0.value)) }
        defer {
            for (name, value) in copies {
                free(name)
                free(value)
            }
        }
        let names = copies.map { UnsafePointer($0.0) } + [nil]
        let values = copies.map { UnsafePointer($0.1) } + [nil]
        return PQconnectdbParams(names, values, 1)
    }
}

extension Substring {
    /// Continuation lines of libpq's messages start with a tab.
    fileprivate func trimmingTabs() -> String { String(drop { $0 == "\t" }) }
}
