/// Why a configuration is refused.
///
/// The description is one line that names the key, flag, variable or file; passwords are masked
/// before a value gets in here.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A flag that no key has; `suggestion` is the closest one that exists.
    case unknownFlag(flag: String, suggestion: String?)
    /// A flag of a key that other executables have.
    case flagOfOtherExecutable(flag: String, executable: Executable, others: [Executable])
    /// A flag at the end of the line, or followed by another flag.
    case missingValue(flag: String)
    /// A value for a flag that takes none.
    case unexpectedValue(flag: String)
    /// A flag that was given twice.
    case repeatedFlag(flag: String)
    /// A word that belongs to no flag.
    case unexpectedArgument(String)

    /// The file cannot be read.
    case fileUnreadable(path: String, reason: String)
    /// The file is not YAML that maps sections to keys.
    case fileMalformed(path: String, reason: String)
    /// A key in the file that does not exist.
    case unknownKey(key: String, source: ValueSource, suggestion: String?)
    /// A key that the file holds twice.
    case repeatedKey(key: String, source: ValueSource)
    /// An `ENGRAM_…` variable that no key has.
    case unknownVariable(name: String, suggestion: String?)
    /// A name in the overrides that is no limit; `key` is its path in the file.
    case unknownLimit(key: String, source: ValueSource, suggestion: String?, known: [String])
    /// A value of the wrong type or out of range.
    case invalidValue(key: String, value: String, source: ValueSource, reason: String)
    /// A key without a default was not set.
    case missingKey(key: String, executable: Executable, expectation: String)
    /// A value that is right by itself but not together with the rest.
    case contradiction(key: String, value: String, source: ValueSource, reason: String)

    /// The status with which the process ends.
    public var exitCode: ExitCode {
        switch self {
        case .unknownFlag, .flagOfOtherExecutable, .missingValue, .unexpectedValue, .repeatedFlag,
            .unexpectedArgument:
            .usage
        case .fileUnreadable, .fileMalformed, .unknownKey, .repeatedKey, .unknownVariable,
            .unknownLimit, .invalidValue, .missingKey, .contradiction:
            .configuration
        }
    }

    public var description: String {
        switch self {
        case .unknownFlag(let flag, let suggestion):
            "unknown flag \(flag)" + Self.question(suggestion)
        case .flagOfOtherExecutable(let flag, let executable, let others):
            "\(executable.name) has no flag \(flag); it belongs to "
                + others.map(\.name).joined(separator: ", ")
        case .missingValue(let flag): "flag \(flag) needs a value"
        case .unexpectedValue(let flag): "flag \(flag) takes no value"
        case .repeatedFlag(let flag): "flag \(flag) is given twice"
        case .unexpectedArgument(let argument): "unexpected argument \"\(argument)\""
        case .fileUnreadable(let path, let reason): "cannot read the file \(path): \(reason)"
        case .fileMalformed(let path, let reason): "file \(path): \(reason)"
        case .unknownKey(let key, let source, let suggestion):
            "unknown key \(key) in \(source)" + Self.question(suggestion)
        case .repeatedKey(let key, let source): "key \(key) is set again in \(source)"
        case .unknownVariable(let name, let suggestion):
            "unknown environment variable \(name)" + Self.question(suggestion)
        case .unknownLimit(let key, let source, let suggestion, let known):
            "unknown limit \(key) in \(source)"
                + (suggestion.map { "; did you mean \($0)?" }
                    ?? "; expected one of " + known.joined(separator: ", "))
        case .invalidValue(let key, let value, let source, let reason):
            "\(key): \"\(value)\" from \(source) is refused: \(reason)"
        case .missingKey(let key, let executable, let expectation):
            "\(key): \(executable.name) needs it; expected \(expectation)"
        case .contradiction(let key, let value, let source, let reason):
            "\(key): \"\(value)\" from \(source) is refused: \(reason)"
        }
    }

    private static func question(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean \($0)?" } ?? ""
    }
}

/// Where a value came from.
public enum ValueSource: Sendable, Equatable, CustomStringConvertible {
    case flag(String)
    case environment(variable: String)
    /// `line` starts at 1.
    case file(path: String, line: Int)
    case standard

    public var description: String {
        switch self {
        case .flag(let flag): "flag \(flag)"
        case .environment(let variable): "environment variable \(variable)"
        case .file(let path, let line): "file \(path), line \(line)"
        case .standard: "the default"
        }
    }
}
