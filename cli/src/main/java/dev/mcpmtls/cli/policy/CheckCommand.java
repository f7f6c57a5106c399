// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.cli.client.LiveServers;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.policy.BadPolicyException;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.policy.Inventory;
import dev.mcpmtls.policy.Policy;
import dev.mcpmtls.policy.Problem;
import dev.mcpmtls.runtime.AccessRules;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads rules and reports errors and warnings. */
@Command(
        name = "check",
        description =
                "Reports mistakes in access rules, and rules that can never decide. Errors exit with 2, warnings with"
                        + " 0.")
final class CheckCommand implements Runnable {

    private final Invocation invocation;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the rules; default access.file")
    private @Nullable Path file;

    @Option(
            names = "--live",
            description =
                    "ask the running servers for their tools, prompts and resources, and report rules that match none")
    private boolean isLive;

    CheckCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        Settings settings = invocation.settings();
        Path rules = file == null ? AccessRules.file(settings) : file;
        Policy policy;
        try {
            policy = FileAccessPolicy.load(rules).policy();
        } catch (BadPolicyException e) {
            if (invocation.wantsJson()) {
                report(rules, 0, e.problems(), List.of());
            }
            throw e;
        }
        Inventory inventory = isLive
                ? new LiveServers(invocation).inventory(AccessRules.servers(settings))
                : Inventory.ofServers(AccessRules.servers(settings));
        List<Problem> warnings = policy.check(inventory);
        int count = policy.ruleNames().size();
        if (invocation.wantsJson()) {
            report(rules, count, List.of(), warnings);
        } else {
            print(rules, policy, warnings);
        }
    }

    private void print(Path rules, Policy policy, List<Problem> warnings) {
        Console console = invocation.console();
        warnings.stream()
                .flatMap(problem -> problem.toString().lines())
                .forEach(line -> console.complain(console.styled(Style.WARNING, line)));
        int count = policy.ruleNames().size();
        console.print(rules + ": " + count + (count == 1 ? " rule" : " rules") + ", default "
                + policy.fallback().name().toLowerCase(Locale.ROOT) + ", "
                + policy.mode().name().toLowerCase(Locale.ROOT) + "; "
                + (warnings.isEmpty()
                        ? "no mistake was found"
                        : warnings.size() == 1 ? "1 warning" : warnings.size() + " warnings"));
    }

    private void report(Path rules, int count, List<Problem> errors, List<Problem> warnings) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", rules.toString());
        object.put("rules", count);
        object.put("errors", errors.stream().map(CheckCommand::asObject).toList());
        object.put("warnings", warnings.stream().map(CheckCommand::asObject).toList());
        invocation.console().json(object);
    }

    private static Map<String, Object> asObject(Problem problem) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", problem.at().file());
        object.put("line", problem.at().line());
        object.put("column", problem.at().column());
        object.put("cause", problem.cause());
        object.put("remedy", problem.remedy());
        return object;
    }
}
