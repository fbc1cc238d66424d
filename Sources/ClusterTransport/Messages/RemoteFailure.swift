internal import ClusterInterface

/// Why a peer did not do what it was asked, as it travels.
enum RemoteFailure: WireMessage, Equatable {
    case ingester(IngesterError)
    /// Any other error, in words.
    case other(String)

    static let kind: UInt8 = 3

    /// Longer texts are cut: errors travel in headers, too.
    static let maximumTextSize = 512

    init(_ error: any Error) {
        switch error {
        case let error as IngesterError: self = .ingester(error)
        case let error as WireError: self = .ingester(.invalidRequest(error.description))
        default: self = .other(String(describing: error))
        }
    }

    var bodySize: Int { 1 + 8 + 4 + Self.cut(parts.text).utf8.count }

    func write(into writer: inout WireWriter) {
        writer.integer(parts.code)
        writer.integer(parts.limit)
        writer.text(Self.cut(parts.text))
    }

    init(from reader: inout WireReader) throws(WireError) {
        let code = try reader.integer(UInt8.self)
        let limit = try reader.integer(Int64.self)
        let text = try reader.text("error")
        switch code {
        case 0: self = .other(text)
        case 1: self = .ingester(.notAcceptingWrites(state: text))
        case 2: self = .ingester(.storageFailed(text))
        case 3: self = .ingester(.overloaded(what: text, limit: Int(limit)))
        case 4: self = .ingester(.invalidRequest(text))
        case 5: self = .ingester(.notAcceptingReads(state: text))
        case 6... where reader.isNewer: self = .other(text)
        default: throw .invalidField("error", found: UInt64(code))
        }
    }

    private var parts: (code: UInt8, limit: Int64, text: String) {
        switch self {
        case .other(let text): (0, 0, text)
        case .ingester(.notAcceptingWrites(let state)): (1, 0, state)
        case .ingester(.storageFailed(let cause)): (2, 0, cause)
        case .ingester(.overloaded(let what, let limit)): (3, Int64(limit), what)
        case .ingester(.invalidRequest(let what)): (4, 0, what)
        case .ingester(.notAcceptingReads(let state)): (5, 0, state)
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumTextSize else { return text }
        // A letter that the cut splits becomes U+FFFD, of three bytes, in place of at most three.
        return String(decoding: text.utf8.prefix(maximumTextSize), as: UTF8.self)
    }
}
