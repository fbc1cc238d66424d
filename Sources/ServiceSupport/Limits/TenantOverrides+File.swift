import Yams

extension TenantOverrides {
    /// Largest file that is read, bytes; some ten thousand tenants fit into a tenth of it.
    static let maxSize = 16 << 20
    /// Characters of the file's text that a message repeats.
    private static let quotedLength = 100

    /// Reads the file that the settings name; no overrides where they name none.
    static func load(
        _ settings: ServiceSettings,
        executable: Executable
    ) throws(ConfigurationError) -> TenantOverrides {
        let path = settings.overrides.file
        guard !path.isEmpty else {
            return TenantOverrides(defaults: settings, executable: executable)
        }
        return try TenantOverrides(
            path: path,
            bytes: ConfigurationFile.read(path, maxSize: maxSize),
            defaults: settings,
            executable: executable
        )
    }

    /// Checks the bytes of a file: `overrides:`, below it tenants, below each limits with their values.
    ///
    /// Values are read as those of the configuration are. Limits of other executables are checked too, so that one
    /// file serves every process of a cluster.
    ///
    /// - Parameters:
    ///   - path: For messages.
    ///   - defaults: What a tenant has where the file says nothing.
    /// - Throws: The first mistake; nothing of a file with one is taken.
    init(
        path: String,
        bytes: [UInt8],
        defaults: ServiceSettings,
        executable: Executable
    ) throws(ConfigurationError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .fileMalformed(path: path, reason: "not UTF-8 text")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw .fileMalformed(path: path, reason: ConfigurationFile.reason(of: error))
        } catch {
            throw .fileMalformed(path: path, reason: "\(error)")
        }
        var reading = Reading(path: path, defaults: defaults)
        if let root { try reading.takeRoot(root) }
        self.init(
            defaults: defaults,
            executable: executable,
            content: bytes,
            entries: reading.entries
        )
    }

    /// The tenants while the file is walked through.
    private struct Reading {
        let path: String
        let defaults: ServiceSettings
        var entries: [String: Entry] = [:]

        mutating func takeRoot(_ root: Node) throws(ConfigurationError) {
            for (name, node) in try pairs(of: root, "the file") {
                guard name.text == "overrides" else {
                    throw .unknownKey(
                        key: name.text,
                        source: name.source,
                        suggestion: "overrides"
                    )
                }
                for (tenant, limits) in try pairs(of: node, "overrides") {
                    try take(tenant, limits)
                }
            }
        }

        private mutating func take(_ tenant: Name, _ limits: Node) throws(ConfigurationError) {
            do throws(ValueRefusal) {
                _ = try ValueType<String>.tenant.parse(tenant.text)
            } catch {
                throw .invalidValue(
                    key: "overrides",
                    value: TenantOverrides.short(tenant.text),
                    source: tenant.source,
                    reason: error.reason
                )
            }
            let prefix = "overrides." + tenant.text
            guard entries[tenant.text] == nil else {
                throw .repeatedKey(key: prefix, source: tenant.source)
            }
            var settings = defaults
            var keys: Set<String> = []
            for (name, value) in try pairs(of: limits, prefix) {
                let place = prefix + "." + TenantOverrides.short(name.text)
                guard let key = LimitNames.key(named: name.text) else {
                    throw .unknownLimit(
                        key: place,
                        source: name.source,
                        suggestion: Suggestion.closest(to: name.text, among: LimitNames.spellings),
                        known: LimitNames.keys.map(\.nameInSection)
                    )
                }
                guard keys.insert(key.name).inserted else {
                    throw .repeatedKey(key: place, source: name.source)
                }
                try assign(value, to: key, at: place, name.source, in: &settings)
            }
            entries[tenant.text] = Entry(limits: settings.limits, keys: keys)
        }

        private func assign(
            _ node: Node,
            to key: ConfigurationKey,
            at place: String,
            _ source: ValueSource,
            in settings: inout ServiceSettings
        ) throws(ConfigurationError) {
            guard let text = text(of: node, for: key) else {
                let form = node.scalar == nil ? node.sequence == nil ? "a mapping" : "a list" : ""
                throw .invalidValue(
                    key: place,
                    value: form,
                    source: source,
                    reason: "expected \(key.expectation)"
                )
            }
            do throws(ValueRefusal) {
                try key.assign(text, &settings)
            } catch {
                throw .invalidValue(
                    key: place,
                    value: TenantOverrides.short(text),
                    source: source,
                    reason: error.reason
                )
            }
        }

        /// A value as the other sources of the configuration have it; nil where it has another form.
        private func text(of node: Node, for key: ConfigurationKey) -> String? {
            if key.isStructured {
                return ConfigurationFile.isNull(node) ? nil : StructuredValue.text(of: node)
            }
            if let words = node.sequence {
                guard key.isList else { return nil }
                let texts = words.compactMap { $0.scalar?.string }
                return texts.count == words.count ? texts.joined(separator: ",") : nil
            }
            guard let scalar = node.scalar, !ConfigurationFile.isNull(node) else { return nil }
            return scalar.string
        }

        /// A key of the file and its place.
        private struct Name {
            let text: String
            let source: ValueSource
        }

        /// The entries of a mapping; none where there is nothing below a name.
        private func pairs(
            of node: Node,
            _ place: String
        ) throws(ConfigurationError) -> [(name: Name, value: Node)] {
            if ConfigurationFile.isNull(node) { return [] }
            guard let mapping = node.mapping else {
                throw .fileMalformed(
                    path: path,
                    reason:
                        "line \(node.mark?.line ?? 0): expected names with values below \(place)"
                )
            }
            var pairs: [(name: Name, value: Node)] = []
            for (name, value) in mapping {
                let line = name.mark?.line ?? 0
                guard let text = name.scalar?.string else {
                    throw .fileMalformed(path: path, reason: "line \(line): a name is not a word")
                }
                let source = ValueSource.file(path: path, line: line)
                pairs.append((Name(text: text, source: source), value))
            }
            return pairs
        }
    }

    private static func short(_ text: String) -> String {
        text.count <= quotedLength ? text : text.prefix(quotedLength) + "…"
    }
}
