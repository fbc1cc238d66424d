/// Where blocks, catalog and ring live.
///
/// Its description never shows a password; ``connectionText`` does.
public enum StoreURL: Sendable, Hashable, CustomStringConvertible {
    /// `sqlite:PATH`: the embedded store in one file.
    case sqlite(path: String)
    /// `postgres://…`: a libpq URI, kept as it was written.
    case postgres(uri: String)

    /// Reads a URL; nil when the scheme is neither `sqlite` nor `postgres` or nothing follows it.
    public init?(_ text: String) {
        if text.hasPrefix("sqlite:") {
            let path = String(text.dropFirst("sqlite:".count))
            guard !path.isEmpty else { return nil }
            self = .sqlite(path: path)
        } else if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            guard !text.hasSuffix("://") else { return nil }
            self = .postgres(uri: text)
        } else {
            return nil
        }
    }

    /// The URL as it was written, password included: for the connection only, never for a log.
    public var connectionText: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let uri): uri
        }
    }

    public var description: String { Self.masked(connectionText) }

    /// Replaces passwords in any text that may be a URL by `***`, also where the URL is malformed.
    ///
    /// Covers the part between user and host, and parameters whose name holds a secret. Prefers
    /// masking too much over showing a password.
    public static func masked(_ text: String) -> String {
        guard let scheme = firstRange(of: "://", in: text) else { return text }
        let afterScheme = text[scheme.upperBound...]
        var result = String(text[..<scheme.upperBound])
        let queryStart = afterScheme.firstIndex(of: "?") ?? afterScheme.endIndex
        let userEnd =
            afterScheme[..<queryStart].lastIndex(of: "@") ?? afterScheme.lastIndex(of: "@")
        var rest = afterScheme
        if let userEnd, let colon = afterScheme[..<userEnd].firstIndex(of: ":") {
            result += afterScheme[...colon] + "***"
            rest = afterScheme[userEnd...]
        }
        guard let question = rest.firstIndex(of: "?") else { return result + rest }
        result += rest[...question]
        let parameters = rest[rest.index(after: question)...]
            .split(separator: "&", omittingEmptySubsequences: false)
        return result + parameters.map(maskedParameter).joined(separator: "&")
    }

    private static func maskedParameter(_ parameter: Substring) -> String {
        guard let equals = parameter.firstIndex(of: "=") else { return String(parameter) }
        let name = percentDecoded(parameter[..<equals]).lowercased()
        let holdsSecret = ["password", "secret", "scram_"].contains { name.contains($0) }
        return holdsSecret ? "\(parameter[...equals])***" : String(parameter)
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func firstRange(of needle: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(needle) {
                return start..<text.index(start, offsetBy: needle.count)
            }
            start = text.index(after: start)
        }
        return nil
    }
}
