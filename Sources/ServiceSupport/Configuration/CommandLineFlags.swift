import Configuration

/// The flags of one start, checked against the keys.
struct CommandLineFlags {
    /// `--help` or `-h` was given.
    private(set) var wantsHelp = false
    /// `--version` was given.
    private(set) var wantsVersion = false
    /// `--check-config` was given.
    private(set) var wantsCheck = false
    /// The value of `--config`.
    private(set) var configPath: String?
    /// The values of key flags, held by swift-configuration.
    var snapshot: any ConfigSnapshot {
        CommandLineArgumentsProvider(arguments: ["engram"] + keyArguments).snapshot()
    }

    /// `--flag=value`, one for each key that was given.
    private var keyArguments: [String] = []

    /// Flags that stand for no key.
    static let general: [(flag: String, placeholder: String?, text: String)] = [
        ("--config", "FILE", "YAML file with sections and keys"),
        ("--check-config", nil, "check the configuration, print it, and exit"),
        ("--help", nil, "print this text and exit"),
        ("--version", nil, "print the version and exit"),
    ]

    /// Short forms of flags of keys.
    static let shortForms = ["--roles": "--querier-roles"]

    /// Reads the arguments after the program's name.
    ///
    /// - Throws: Errors of bad usage only.
    init(_ arguments: [String], executable: Executable) throws(ConfigurationError) {
        // Help and version answer whatever else is wrong with the line.
        wantsHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
        wantsVersion = arguments.contains("--version")
        if wantsHelp || wantsVersion { return }
        var seen: Set<String> = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            guard argument.hasPrefix("--"), argument.count > 2 else {
                throw argument.hasPrefix("-") && argument.count > 1
                    ? .unknownFlag(flag: String(argument.prefix { $0 != "=" }), suggestion: nil)
                    : .unexpectedArgument(StoreURL.masked(argument))
            }
            let written = String(argument.prefix { $0 != "=" })
            let flag = Self.shortForms[written] ?? written
            var value: String?
            if written.count < argument.count {
                value = String(argument.dropFirst(written.count + 1))
            }
            index += 1
            guard seen.insert(flag).inserted else { throw .repeatedFlag(flag: flag) }
            if flag == "--check-config" {
                guard value == nil else { throw .unexpectedValue(flag: flag) }
                wantsCheck = true
                continue
            }
            try Self.check(flag, executable: executable)
            if value == nil, index < arguments.count, !arguments[index].hasPrefix("--") {
                value = arguments[index]
                index += 1
            }
            guard let value else { throw .missingValue(flag: flag) }
            if flag == "--config" {
                configPath = value
            } else {
                keyArguments.append("\(flag)=\(value)")
            }
        }
    }

    /// Refuses a flag that the executable does not have.
    private static func check(
        _ flag: String,
        executable: Executable
    ) throws(ConfigurationError) {
        guard flag != "--config" else { return }
        let key = ConfigurationKey.all.first { $0.flag == flag }
        if let key, key.executables.contains(executable) { return }
        if let key {
            throw .flagOfOtherExecutable(
                flag: flag,
                executable: executable,
                others: key.executables
            )
        }
        let known =
            general.map(\.flag) + ConfigurationKey.all(for: executable).map(\.flag)
        throw .unknownFlag(flag: flag, suggestion: Suggestion.closest(to: flag, among: known))
    }
}
