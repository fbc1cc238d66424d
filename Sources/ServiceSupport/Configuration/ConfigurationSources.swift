import Configuration

/// The three places values come from, flag over environment over file.
struct ConfigurationSources {
    /// A value as it was written, and where.
    struct Found {
        let text: String
        let source: ValueSource
    }

    private let flags: any ConfigSnapshot
    private let environment: any ConfigSnapshot
    private let file: ConfigurationFile?
    private let fileEntries: [String: ConfigurationFile.Entry]

    /// Gathers the sources and refuses names that no key has.
    ///
    /// Keys of other executables are fine in the file and the environment, so that one file can
    /// serve every process of a cluster.
    init(
        flags: CommandLineFlags,
        environment variables: [String: String],
        file: ConfigurationFile?
    ) throws(ConfigurationError) {
        try EnvironmentNames.check(variables)
        self.flags = flags.snapshot
        environment = EnvironmentVariablesProvider(environmentVariables: variables).snapshot()
        self.file = file
        fileEntries = try file.map(Self.checkedEntries) ?? [:]
    }

    /// The value of a key from the strongest source that has one.
    func find(_ key: ConfigurationKey) throws(ConfigurationError) -> Found? {
        if let text = Self.text(in: flags, key.components, .stringArray) {
            return Found(text: text, source: .flag(key.flag))
        }
        if let text = Self.text(in: environment, ["engram"] + key.components, .string) {
            return Found(text: text, source: .environment(variable: key.environmentVariable))
        }
        guard let file, let entry = fileEntries[key.name], let snapshot = file.snapshot else {
            return nil
        }
        let source = file.source(of: entry)
        let type = entry.isList ? ConfigType.stringArray : .string
        guard !entry.isEmpty, entry.isList ? key.isList : true,
            let text = Self.text(in: snapshot, key.components, type)
        else {
            throw .invalidValue(
                key: key.name,
                value: entry.isList ? "a list" : "",
                source: source,
                reason: "expected \(key.expectation)"
            )
        }
        return Found(text: text, source: source)
    }

    /// Reads one value as text; a list is joined by commas, as it is written in the other sources.
    private static func text(
        in snapshot: any ConfigSnapshot,
        _ components: [String],
        _ type: ConfigType
    ) -> String? {
        let key = AbsoluteConfigKey(components)
        switch (try? snapshot.value(forKey: key, type: type))?.value?.content {
        case .string(let text): return text
        case .stringArray(let words): return words.joined(separator: ",")
        default: return nil
        }
    }

    private static func checkedEntries(
        of file: ConfigurationFile
    ) throws(ConfigurationError) -> [String: ConfigurationFile.Entry] {
        let names = Set(ConfigurationKey.all.map(\.name))
        let sections = Set(ConfigurationKey.all.map(\.section))
        var entries: [String: ConfigurationFile.Entry] = [:]
        for entry in file.entries {
            // A section whose keys are all commented out is no mistake.
            if entry.isEmpty, sections.contains(entry.key) { continue }
            guard names.contains(entry.key) else {
                throw .unknownKey(
                    key: entry.key,
                    source: file.source(of: entry),
                    suggestion: Suggestion.closest(to: entry.key, among: names.sorted())
                )
            }
            guard entries.updateValue(entry, forKey: entry.key) == nil else {
                throw .repeatedKey(key: entry.key, source: file.source(of: entry))
            }
        }
        return entries
    }
}
