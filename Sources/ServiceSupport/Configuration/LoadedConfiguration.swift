/// A configuration that was read and checked.
public struct LoadedConfiguration: Sendable {
    /// What is left to do.
    public enum Action: Sendable, Equatable {
        /// Start.
        case run
        /// Write this to standard output and end with ``ExitCode/success``: the answer to `--help`,
        /// `--version` or `--check-config`.
        case print(String)
    }

    public let executable: Executable
    public let settings: ServiceSettings
    /// Where the keys that were set got their values, by name.
    public let sources: [String: ValueSource]
    public internal(set) var action: Action

    /// What is in force, as YAML that the same executable accepts, passwords masked: the answer of
    /// `/config`.
    ///
    /// A comment after a value says where it came from, unless it is the default.
    public var effectiveYAML: String {
        var text = ""
        var section = ""
        for key in ConfigurationKey.all(for: executable) {
            if key.section != section {
                section = key.section
                text += "\(section):\n"
            }
            text += "  \(key.nameInSection): \(Self.scalar(key.text(settings)))"
            if let source = sources[key.name] { text += "  # \(source)" }
            text += "\n"
        }
        return text
    }

    /// A value as a YAML scalar, in double quotes unless it is surely safe without.
    private static func scalar(_ value: String) -> String {
        let plain = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "./_-".utf8.contains(byte)
            }
        }
        if plain, let first = value.first, first != "-", value.lowercased() != "null" {
            return value
        }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
