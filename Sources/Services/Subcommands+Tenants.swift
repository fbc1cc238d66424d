internal import Foundation
internal import MetricsModel
internal import PrometheusAPI
internal import ServiceSupport

extension Subcommands {
    /// Looks at and changes the limits that the store has of single tenants.
    static func tenants(_ arguments: [String]) async -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(TenantsCommand.usage, terminator: "")
            return .success
        }
        let command: TenantsCommand
        do {
            command = try TenantsCommand(arguments: arguments)
        } catch {
            StandardError.write("engram tenants: \(error)\n\(TenantsCommand.usage)")
            return .usage
        }
        let configuration = ServiceMain.load(.engram, command.rest)
        _ = Telemetry(configuration)
        do {
            let store = try Store(configuration.settings.store)
            let editor = OverridesEditor(
                store: store.kind,
                overrides: { configuration.overrides },
                isOperator: true,
                onWrite: { _ in }
            )
            print(try await run(command, editor), terminator: "")
            await store.close()
            return .success
        } catch let error as OverridesError {
            StandardError.write("engram tenants: \(error.text)\n")
            return .failure
        } catch {
            StandardError.write("engram tenants: \(error)\n")
            return .failure
        }
    }

    private static func run(
        _ command: TenantsCommand,
        _ editor: OverridesEditor
    ) async throws -> String {
        let tenant = try TenantID(command.tenant)
        let edit: OverridesEdit
        switch command.action {
        case .show:
            let newest = try await editor.history(of: tenant, before: nil, limit: 1).first
            return (newest?.document ?? "{}") + "\n"
        case .history:
            return try await history(of: tenant, editor)
        case .set(let json): edit = .merge(json: json)
        case .clear: edit = .removeAll
        case .rollBack(let version): edit = .restore(version: version)
        }
        let version = try await editor.edit(
            edit,
            of: tenant,
            expectedVersion: nil,
            author: command.author ?? ProcessInfo.processInfo.userName,
            comment: command.comment
        )
        return "the limits of \(tenant) have version \(version)\n"
    }

    private static func history(
        of tenant: TenantID,
        _ editor: OverridesEditor
    ) async throws -> String {
        var text = ""
        var before: Int64?
        repeat {
            let versions = try await editor.history(of: tenant, before: before, limit: 1000)
            for version in versions {
                let time = Date(timeIntervalSince1970: Double(version.changedAt) / 1000)
                text += "version \(version.version)  \(time.formatted(.iso8601))"
                text += version.author.isEmpty ? "" : "  \(version.author)"
                text += version.comment.isEmpty ? "\n" : "  \(version.comment)\n"
                for change in version.changes {
                    text +=
                        "    \(change.name): \(change.before ?? "not set") → "
                        + "\(change.after ?? "not set")\n"
                }
            }
            before = versions.count == 1000 ? versions.last?.version : nil
        } while before != nil
        return text
    }
}

extension OverridesError {
    /// For people at a terminal.
    fileprivate var text: String {
        switch self {
        case .refused(let message): message
        case .conflict(let current): "the limits were changed meanwhile, to version \(current)"
        case .unknownVersion(let version): "the tenant never had the version \(version)"
        case .unavailable(let cause): cause
        }
    }
}
