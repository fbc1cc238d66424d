/// Reads what a process was started with.
public enum Configuration {
    /// Reads and checks flags, environment and file, flag over environment over file over default; then the
    /// overrides file, if there is one.
    ///
    /// - Parameters:
    ///   - arguments: Without the program's name and without a subcommand.
    ///   - environment: Variables that do not start with `ENGRAM_` are ignored.
    ///   - host: Answers for the defaults that depend on the machine.
    /// - Throws: The first thing that is wrong; its ``ConfigurationError/exitCode`` is for `exit`.
    public static func load(
        executable: Executable,
        arguments: [String],
        environment: [String: String],
        host: HostFacts = .current()
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let flags = try CommandLineFlags(arguments, executable: executable)
        let defaults = ServiceSettings(defaultsFor: executable)
        if flags.wantsHelp || flags.wantsVersion {
            return LoadedConfiguration(
                executable: executable,
                settings: defaults,
                sources: [:],
                action: .print(
                    flags.wantsHelp
                        ? HelpText.text(for: executable)
                        : "\(executable.name) \(BuildInformation.version)\n"
                ),
                overrides: TenantOverrides(defaults: defaults, executable: executable),
                wasRead: false
            )
        }
        var file: ConfigurationFile?
        if let path = flags.configPath { file = try ConfigurationFile(path: path) }
        let found = try ConfigurationSources(flags: flags, environment: environment, file: file)
        var reading = Reading(executable: executable, settings: defaults)
        for key in ConfigurationKey.all { try reading.take(key, from: found) }
        try reading.fillDerivedDefaults(host)
        try Contradictions.check(
            executable: executable,
            settings: reading.settings,
            sources: reading.sources
        )
        let loaded = LoadedConfiguration(
            executable: executable,
            settings: reading.settings,
            sources: reading.sources,
            action: .run,
            overrides: try TenantOverrides.load(reading.settings, executable: executable)
        )
        guard flags.wantsCheck else { return loaded }
        var checked = loaded
        checked.action = .print(loaded.effectiveYAML)
        return checked
    }

    /// The settings while the keys are read one after the other.
    private struct Reading {
        let executable: Executable
        var settings: ServiceSettings
        /// Keys that were set, and where.
        var sources: [String: ValueSource] = [:]

        /// Reads one key; a key of other executables is checked and then left alone.
        mutating func take(
            _ key: ConfigurationKey,
            from sources: ConfigurationSources
        ) throws(ConfigurationError) {
            guard let found = try sources.find(key) else { return }
            var changed = settings
            do {
                try key.assign(found.text, &changed)
            } catch {
                throw .invalidValue(
                    key: key.name,
                    value: key.shown(found.text),
                    source: found.source,
                    reason: error.reason
                )
            }
            guard key.executables.contains(executable) else { return }
            settings = changed
            self.sources[key.name] = found.source
        }

        /// Sets what was not given and depends on other keys or on the machine.
        mutating func fillDerivedDefaults(_ host: HostFacts) throws(ConfigurationError) {
            if sources["store.url"] == nil {
                guard executable == .engram else {
                    throw .missingKey(
                        key: "store.url",
                        executable: executable,
                        expectation: "postgres://user:password@host:port/database"
                    )
                }
                settings.store.url = .sqlite(path: settings.data.directory + "/engram.db")
            }
            if sources["ring.instanceID"] == nil { settings.ring.instanceID = host.name }
            if settings.ring.advertise == nil {
                let listen = settings.rpc.listen
                settings.ring.advertise = NetworkAddress(
                    host: listen.isWildcard ? host.address ?? host.name : listen.host,
                    port: listen.port
                )
            }
        }
    }
}
