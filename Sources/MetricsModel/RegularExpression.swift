internal import CRE2

/// A regular expression of RE2 syntax that must match a whole label value; `.` matches newlines too.
///
/// Runs in time linear in the value. Expressions that are only an alternation of literals, `.*` or `.+` are
/// answered without the engine.
public final class RegularExpression: Sendable {
    public let pattern: String
    private let shortcut: Shortcut
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
        shortcut = Shortcut(pattern)
    }

    deinit { engram_re2_free(engine) }

    public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch shortcut {
        case .everything: return true
        case .nonEmpty: return text.count > 0
        case .literals(let literals):
            return literals.contains { $0.utf8.count == text.count && text.elementsEqual($0.utf8) }
        case .none:
            guard let base = text.baseAddress else { return engram_re2_full_match(engine, "", 0) }
            return base.withMemoryRebound(to: CChar.self, capacity: text.count) {
                engram_re2_full_match(engine, $0, text.count)
            }
        }
    }

    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    /// The alternatives, when the expression is nothing but literals joined by `|`.
    public var literals: [String]? {
        if case .literals(let literals) = shortcut { literals } else { nil }
    }

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

    private enum Shortcut {
        case everything
        case nonEmpty
        case literals([String])
        case none

        init(_ pattern: String) {
            if pattern == ".*" {
                self = .everything
            } else if pattern == ".+" {
                self = .nonEmpty
            } else if pattern.utf8.allSatisfy(Self.isLiteral) {
                self = .literals(
                    pattern.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                )
            } else {
                self = .none
            }
        }

        private static func isLiteral(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: " "), UInt8(ascii: "|"),
                0x80...0xff:
                true
            default:
                false
            }
        }
    }
}

/// Why a pattern is no regular expression.
public struct RegularExpressionError: Error, Equatable {
    /// RE2's error codes; raw values are RE2's own.
    public enum Code: Int32, Sendable {
        case internalError = 1
        case badEscape
        case badCharacterClass
        case badCharacterRange
        case missingBracket
        case missingParenthesis
        case unexpectedParenthesis
        case trailingBackslash
        case repeatArgument
        case repeatSize
        case repeatOperator
        case badPerlOperator
        case badUTF8
        case badNamedCapture
        case patternTooLarge
    }

    public let code: Code
    /// The part of the pattern that is at fault.
    public let argument: String
}
