/// Decides what a look at the overrides file means for the limits in force.
///
/// Compares the whole content: a change within one tick of the file system's clock, of the same size, or behind a
/// symbolic link is one too.
struct OverridesReload {
    /// What was found at the file's path.
    enum Look: Equatable {
        case content([UInt8])
        case unreadable(ConfigurationError)
    }

    enum Effect: Equatable {
        /// All is as it was at the last look.
        case none
        /// The new limits are right, and are to be put into force.
        case apply(TenantOverrides)
        /// The limits before stay in force; told once for each change.
        case refuse(ConfigurationError)
    }

    private var last: Look?

    /// - Parameter content: What the limits in force were read from.
    init(content: [UInt8]?) { last = content.map(Look.content) }

    /// - Parameter read: Checks the bytes of a file.
    mutating func handle(
        _ look: Look,
        read: ([UInt8]) throws(ConfigurationError) -> TenantOverrides
    ) -> Effect {
        guard look != last else { return .none }
        last = look
        switch look {
        case .unreadable(let error): return .refuse(error)
        case .content(let bytes):
            do throws(ConfigurationError) {
                return .apply(try read(bytes))
            } catch {
                return .refuse(error)
            }
        }
    }
}
