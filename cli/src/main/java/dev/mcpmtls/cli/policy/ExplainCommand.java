// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.cli.client.ToolArguments;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.policy.Cases;
import dev.mcpmtls.policy.Explanation;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.AccessRules;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Assurance;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Decides one call without making it. */
@Command(
        name = "explain",
        description =
                "Tells whether a call would be permitted, by which rule, and why each other rule does not decide.")
final class ExplainCommand implements Runnable {

    private final Invocation invocation;

    @Option(
            names = "--peer",
            required = true,
            paramLabel = "ID|FILE|CREDENTIAL",
            description = "spiffe://…, dns:…, ip:… or pin:…, several in quotes; or a certificate by file or credential")
    private String peer = "";

    @Option(
            names = "--assurance",
            paramLabel = "verified|pinned|claimed",
            description = "how the peer was accepted; default verified")
    private @Nullable Assurance assurance;

    @Parameters(index = "0", paramLabel = "SERVER", description = "the server's name, for example weather")
    private String server = "";

    @Parameters(
            index = "1..*",
            paramLabel = "TOOL|KEY=VALUE",
            description = "the tool, and arguments; a value that is a JSON number, true or false counts as that")
    private List<String> words = List.of();

    @Option(names = "--prompt", paramLabel = "NAME", description = "a prompt instead of a tool")
    private @Nullable String prompt;

    @Option(names = "--resource", paramLabel = "URI", description = "a resource instead of a tool")
    private @Nullable String resource;

    @Option(names = "--method", paramLabel = "METHOD", description = "another method, for example tools/list")
    private @Nullable String method;

    @Option(names = "--args", paramLabel = "JSON", description = "the arguments as one JSON object instead")
    private @Nullable String json;

    @Mixin
    private TokenOptions tokens = new TokenOptions();

    ExplainCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        Call call = call();
        Settings settings = invocation.settings();
        Caller caller = OptionValue.parse(
                "--peer", peer, text -> new Peers(settings).find(text, Optional.ofNullable(assurance)));
        FileAccessPolicy rules = AccessRules.load(settings).policy();
        Explanation explanation = rules.policy().explain(caller, call, Instant.now());
        warnOfUnknownServer(settings);
        if (invocation.wantsJson()) {
            invocation.console().json(asObject(explanation));
        } else {
            print(caller, call, explanation, rules);
        }
    }

    private void warnOfUnknownServer(Settings settings) {
        List<String> known = AccessRules.servers(settings).stream().sorted().toList();
        if (!known.contains(server)) {
            Console console = invocation.console();
            console.complain(console.styled(
                    Style.WARNING,
                    "no server '" + server + "' is configured here"
                            + Nearest.to(server, known, 2)
                                    .map(name -> "; did you mean " + name + "?")
                                    .orElse("")));
        }
    }

    private Call call() {
        List<String> arguments = new ArrayList<>(words);
        boolean namesTool = prompt == null && resource == null && method == null;
        String tool = namesTool && !arguments.isEmpty() ? arguments.remove(0) : "";
        if (namesTool && (tool.isBlank() || (tool.contains("=") && !arguments.isEmpty()))) {
            throw new BadSettingException("explain needs a tool after the server, or --prompt, --resource or --method");
        }
        if (prompt != null && resource != null) {
            throw new BadSettingException("a call is about a prompt or a resource, not both");
        }
        if (json != null && !arguments.isEmpty()) {
            throw new BadSettingException("give the arguments either as key=value or with --args, not both");
        }
        Map<String, Object> given =
                json == null ? ToolArguments.parseUntyped(arguments) : ToolArguments.parseJson(json);
        Cases.Server names = AccessRules.server(server);
        return of(names.mcpName(), tool).at(names.entry()).with(() -> given).bearing(tokens.token());
    }

    private Call of(String name, String tool) {
        String target = prompt != null ? prompt : resource != null ? resource : tool;
        Subject subject = prompt != null ? Subject.PROMPT : resource != null ? Subject.RESOURCE : Subject.TOOL;
        if (method == null) {
            return new Call(name, subject.use(), target);
        }
        Call call = new Call(name, method, target);
        if (target.isEmpty() && call.subject() != Subject.NONE) {
            throw new BadSettingException(
                    "--method " + method + " is about something: name a tool, or use --prompt or --resource");
        }
        return target.isEmpty() ? call : call.about(subject);
    }

    private void print(Caller caller, Call call, Explanation explanation, FileAccessPolicy rules) {
        Console console = invocation.console();
        Decision decision = explanation.enforced();
        boolean isPermitted = decision instanceof Decision.Permit;
        String what = call.target().isEmpty() ? call.method() : call.method() + " " + call.target();
        console.print(
                console.styled(isPermitted ? Style.GOOD : Style.BAD, isPermitted ? "permitted" : "denied"),
                by(decision, rules) + ": " + what + " at " + call.entry() + " for "
                        + NamePattern.exactly(caller.identity()) + " (" + caller.assurance() + ")"
                        + call.token()
                                .map(token -> " with a token of " + token.issuer() + '#' + token.subject())
                                .orElse(""));
        if (!isPermitted && explanation.decision() instanceof Decision.Permit) {
            console.print("The rules are in shadow mode: the call is made, and recorded as one that would be denied.");
        }
        Table table = new Table();
        explanation
                .considered()
                .forEach(rule -> table.row(
                        new Table.Cell(rule.matches() ? "matches" : "-", rule.matches() ? Style.STRONG : Style.FAINT),
                        rule.rule(),
                        word(rule.effect()),
                        rule.why()));
        table.printTo(console);
    }

    private static String by(Decision decision, FileAccessPolicy rules) {
        if (rules.isAbsent()) {
            return " because there is no " + rules.file();
        }
        return decision.rule()
                .map(rule -> " by rule '" + rule + "'")
                .orElse(decision instanceof Decision.Deny deny ? ", " + deny.why() : " by default");
    }

    private static Map<String, Object> asObject(Explanation explanation) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("decision", word(explanation.decision()));
        object.put("rule", explanation.enforced().rule().orElse(null));
        object.put("would", word(explanation.enforced()));
        object.put(
                "considered",
                explanation.considered().stream()
                        .map(rule -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("rule", rule.rule());
                            one.put("effect", word(rule.effect()));
                            one.put("matches", rule.matches());
                            one.put("why", rule.why());
                            return one;
                        })
                        .toList());
        return object;
    }

    private static String word(Decision decision) {
        return decision instanceof Decision.Permit ? "permit" : "deny";
    }

    private static String word(Enum<?> effect) {
        return effect.name().toLowerCase(Locale.ROOT);
    }
}
