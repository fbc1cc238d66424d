internal import NIOSSL
internal import Synchronization

/// The certificate and key of this process and the authorities it trusts, taken anew when their files change.
///
/// A connection has what was in force when it began. Files that are no identity leave the one before in force.
public final class TransportIdentity: Sendable {
    /// What a look at the files came to.
    public enum Look: Sendable, Equatable {
        /// The files are as they were at the last look.
        case unchanged
        /// Connections from now on have the new certificate.
        case replaced
        /// The identity before stays in force; told once for each change.
        case refused(IdentityError)
    }

    /// The name that every server's certificate must have; nil where that is the host that is called.
    let serverName: String?
    private let files: IdentityFiles
    private let onRefusal: @Sendable (RefusedHandshake) -> Void
    private let state: Mutex<State>

    private struct State {
        var contexts: IdentityContexts
        /// What the last look found that was taken or told.
        var last: Result<IdentityBytes, IdentityError>
        /// Files that do not fit each other, seen once: of two files one is replaced first.
        var unfit: IdentityBytes?
    }

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - onRefusal: Told of each connection that ended before both ends believed each other. It must not block.
    /// - Throws: where they are no identity that peers could accept.
    public init(
        _ files: IdentityFiles,
        serverName: String? = nil,
        now: Int64,
        onRefusal: @escaping @Sendable (RefusedHandshake) -> Void = { _ in }
    ) throws(IdentityError) {
        self.files = files
        self.serverName = serverName
        self.onRefusal = onRefusal
        let bytes = try files.read()
        state = Mutex(
            State(
                contexts: try IdentityContexts(bytes, files, now: now),
                last: .success(bytes)
            )
        )
    }

    /// When the first of the own certificates ends, in seconds since 1970.
    public var notAfter: Int64 { state.withLock { $0.contexts.notAfter } }

    /// The serial number of the own certificate, in hexadecimal digits.
    public var serialNumber: String { state.withLock { $0.contexts.serialNumber } }

    /// Reads the files and takes what has changed; to be called again and again, by one task.
    ///
    /// The whole content is compared: a change behind a symbolic link, or within a tick of the file system's clock, is
    /// one, too. A key and a certificate that do not fit each other are told at the second look.
    public func look(now: Int64) -> Look {
        let found = Result { () throws(IdentityError) in try files.read() }
        guard state.withLock({ $0.last != found }) else { return .unchanged }
        let contexts = Result { () throws(IdentityError) in
            try IdentityContexts(try found.get(), files, now: now)
        }
        return state.withLock { state in
            if case .failure(.mismatch) = contexts, let bytes = try? found.get(),
                state.unfit != bytes
            {
                state.unfit = bytes
                return .unchanged
            }
            state.last = found
            state.unfit = nil
            switch contexts {
            case .success(let contexts):
                state.contexts = contexts
                return .replaced
            case .failure(let error): return .refused(error)
            }
        }
    }

    var contexts: IdentityContexts { state.withLock { $0.contexts } }

    func report(_ refused: RefusedHandshake) { onRefusal(refused) }
}

extension TransportIdentity: Equatable {
    public static func == (left: TransportIdentity, right: TransportIdentity) -> Bool {
        left === right
    }
}

/// A connection that ended before both ends believed each other.
public struct RefusedHandshake: Sendable, Equatable {
    /// Which end this process was.
    public enum Side: String, Sendable, CaseIterable {
        /// It was called.
        case server
        /// It called.
        case client
    }

    public var side: Side
    /// The other end's address, as far as it is known.
    public var peer: String
    public var cause: String
}
