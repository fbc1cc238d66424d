internal import CRE2

/// A regular expression of RE2 syntax that must match a whole label value; `.` matches newlines too.
///
/// Runs in time linear in the value. Expressions of literals, alternatives, `.*` and `.+` are answered without
/// the engine (``PatternShortcut``); for them any bytes pass as characters, as in Go, where RE2 wants UTF-8.
public final class RegularExpression: Sendable {
    public let pattern: String
    private let shortcut: PatternShortcut?
    /// Immutable after `init`, and RE2 matches from any number of threads at once, hence unchecked.
    private nonisolated(unsafe) let engine: OpaquePointer

    /// Bytes a compiled program may take; RE2 refuses a pattern beyond it.
    public static let maximumProgramSize: Int64 = 8 << 20

    public init(_ pattern: String) throws(RegularExpressionError) {
        self.pattern = pattern
        var text = pattern
        let engine = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                engram_re2_new($0.baseAddress, $0.count, Self.maximumProgramSize)
            }
        }
        guard let engine else {
            throw RegularExpressionError(code: .internalError, argument: pattern)
        }
        let code = engram_re2_error_code(engine)
        guard code == 0 else {
            var size = 0
            let start = engram_re2_error_argument(engine, &size)
            let argument = start.map { start in
                start.withMemoryRebound(to: UInt8.self, capacity: size) {
                    String(decoding: UnsafeBufferPointer(start: $0, count: size), as: UTF8.self)
                }
            }
            engram_re2_free(engine)
            throw RegularExpressionError(
                code: RegularExpressionError.Code(rawValue: code) ?? .internalError,
                argument: argument ?? ""
            )
        }
        self.engine = engine
        shortcut = PatternShortcut(pattern)
    }

    deinit { engram_re2_free(engine) }

    public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        shortcut?.matches(text) ?? engineMatches(text)
    }

    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    /// Asks RE2 whatever the pattern is; what ``matches(_:)-(UnsafeBufferPointer<UInt8>)`` must agree with.
    package func engineMatches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = text.baseAddress else { return engram_re2_full_match(engine, "", 0) }
        return base.withMemoryRebound(to: CChar.self, capacity: text.count) {
            engram_re2_full_match(engine, $0, text.count)
        }
    }

    /// All texts that match, each once and sorted by bytes, where the expression is nothing but alternative
    /// literals.
    public var literals: [String]? { shortcut?.literals }

    /// Bytes that every matching text starts with; empty where none are known.
    public var literalPrefix: [UInt8] { shortcut?.literalPrefix ?? [] }

    /// Whether the expression is known to match every text.
    public var matchesEverything: Bool { shortcut?.matchesEverything ?? false }

    /// Capturing groups, the whole match not counted.
    public var groupCount: Int { Int(engram_re2_group_count(engine)) }

    /// The number of a named group.
    public func groupIndex(named name: String) -> Int? {
        var name = name
        let index = name.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                engram_re2_named_group(engine, $0.baseAddress, $0.count)
            }
        }
        return index < 0 ? nil : Int(index)
    }

    /// Matches the whole text and returns the groups; group 0 is the text itself, `nil` took no part.
    public func captures(in text: String) -> [String?]? {
        let count = groupCount + 1
        var bounds = [Int64](repeating: -1, count: 2 * count)
        var text = text
        return text.withUTF8 { bytes -> [String?]? in
            let matched = bytes.withMemoryRebound(to: CChar.self) {
                if let base = $0.baseAddress {
                    engram_re2_captures(engine, base, $0.count, &bounds, Int32(count))
                } else {
                    engram_re2_captures(engine, "", 0, &bounds, Int32(count))
                }
            }
            guard matched else { return nil }
            return (0..<count).map { group in
                let begin = Int(bounds[2 * group])
                let end = Int(bounds[2 * group + 1])
                return begin < 0
                    ? nil
                    : String(
                        decoding: UnsafeBufferPointer(rebasing: bytes[begin..<end]),
                        as: UTF8.self
                    )
            }
        }
    }
}
