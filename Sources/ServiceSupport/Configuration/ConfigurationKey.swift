import Configuration

/// One key of the configuration: its name, its spellings, its type and where its value goes.
///
/// The table ``all`` is the one source of truth: flags, environment variables, `--help`, `/config`,
/// `docs/configuration.md` and the settings structs' values all follow from it.
public struct ConfigurationKey: Sendable {
    /// `section.someKey`.
    public let name: String
    /// `--section-some-key`.
    public let flag: String
    /// `ENGRAM_SECTION_SOME_KEY`.
    public let environmentVariable: String
    /// The executables that have this setting, in the order of ``Executable``.
    public let executables: [Executable]
    /// What the key does, in one or more whole sentences.
    public let documentation: String
    /// What is accepted: type and range.
    public let expectation: String
    /// What stands for the value in `--help`.
    public let placeholder: String
    /// Whether values may hold a password, which is masked wherever a value is shown.
    public let holdsSecret: Bool

    /// The name of the same limit in Cortex, nil where Cortex has none or spells it as ``snakeName``.
    let cortexName: String?
    /// Whether values are numbers.
    let isNumber: Bool
    /// Whether values are true or false.
    let isBoolean: Bool
    /// Whether values are spans of time.
    let isDuration: Bool
    /// Whether a YAML sequence may stand for the value.
    let isList: Bool
    /// Whether values have parts, which the overrides file may write as such.
    let isStructured: Bool
    /// Reads a text into its place in the settings.
    let assign: @Sendable (String, inout ServiceSettings) throws(ValueRefusal) -> Void
    /// The text of the value in some settings, secrets masked.
    let text: @Sendable (ServiceSettings) -> String
    private let describedDefault: String?

    /// Binds a name to a property of the settings.
    ///
    /// - Parameter default: Describes a default that is no fixed value, such as the host name.
    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<ServiceSettings, Value> & Sendable,
        _ type: ValueType<Value>,
        for executables: [Executable] = Executable.allCases,
        default describedDefault: String? = nil,
        holdsSecret: Bool = false,
        cortexName: String? = nil,
        _ documentation: String
    ) {
        let components = name.split(separator: ".").map(String.init)
        self.name = name
        flag = Self.spelling(of: components, by: CommandLineArgumentsProvider(arguments: []))
        environmentVariable = Self.spelling(
            of: ["engram"] + components,
            by: EnvironmentVariablesProvider(environmentVariables: [:])
        )
        self.executables = executables
        self.documentation = documentation
        self.describedDefault = describedDefault
        self.holdsSecret = holdsSecret
        self.cortexName = cortexName
        expectation = type.expectation
        placeholder = type.placeholder
        isNumber = type.isNumber
        isBoolean = Value.self == Bool.self
        isDuration = Value.self == Duration.self
        isList = type.isList
        isStructured = type.isStructured
        assign = { text, settings throws(ValueRefusal) in
            settings[keyPath: path] = try type.parse(text)
        }
        text = { type.format($0[keyPath: path]) }
    }

    /// Every key, by section.
    public static let all: [ConfigurationKey] =
        HTTPSettings.keys + RPCSettings.keys + DataSettings.keys + StoreSettings.keys
        + AuthSettings.keys + RingSettings.keys + DistributorSettings.keys
        + HATrackerSettings.keys + IngesterSettings.keys
        + QuerierSettings.keys + CompactorSettings.keys + LimitsSettings.keys
        + OverridesSettings.keys
        + TelemetrySettings.keys

    /// The keys one executable has.
    static func all(for executable: Executable) -> [ConfigurationKey] {
        all.filter { $0.executables.contains(executable) }
    }

    /// The part of the name before the dot.
    var section: String { String(name.prefix { $0 != "." }) }

    /// The part of the name after the dot.
    var nameInSection: String { String(name.dropFirst(section.count + 1)) }

    /// The name without its section in lower case, words joined by underscores: `late_window`.
    var snakeName: String {
        nameInSection.reduce(into: "") { name, letter in
            name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }

    /// The default of one executable, as text.
    public func defaultText(for executable: Executable) -> String {
        describedDefault ?? text(ServiceSettings(defaultsFor: executable))
    }

    /// A value of this key as it may be shown.
    func shown(_ value: String) -> String { holdsSecret ? StoreURL.masked(value) : value }

    /// The components under which the sources hold this key.
    var components: [String] { name.split(separator: ".").map(String.init) }

    /// Asks a provider how it spells a key, so that there is one rule for it.
    private static func spelling(
        of components: [String],
        by provider: some ConfigProvider
    ) -> String {
        do {
            return try provider.value(forKey: AbsoluteConfigKey(components), type: .string)
                .encodedKey
        } catch {
            preconditionFailure("an empty provider refused \(components): \(error)")
        }
    }
}
