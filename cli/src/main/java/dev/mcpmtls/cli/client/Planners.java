// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.coordinator.Planner;
import dev.mcpmtls.coordinator.model.ModelPlanner;
import dev.mcpmtls.coordinator.model.ModelSettings;
import dev.mcpmtls.coordinator.rules.RulePlanner;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.runtime.PassphraseFile;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ModelKeys;
import dev.mcpmtls.runtime.settings.ModelKeys.PlannerKind;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** The planner that the settings name, and how long it may take. */
final class Planners {

    private Planners() {}

    /** @param words receives what a language model says while it says it */
    static Planner of(Settings settings, Invocation invocation, Consumer<String> words) {
        if (settings.get(ModelKeys.PLANNER) == PlannerKind.RULES) {
            return new RulePlanner();
        }
        Console console = invocation.console();
        return new ModelPlanner(
                model(settings, invocation),
                new RulePlanner(),
                why -> console.complain(why + ". The rules plan instead."),
                words);
    }

    static Duration timeout(Settings settings) {
        boolean isModels = settings.get(ModelKeys.PLANNER) == PlannerKind.MODEL
                && !settings.origin(Keys.COORDINATOR_TIMEOUT).equals("--timeout");
        return settings.get(isModels ? ModelKeys.TIMEOUT : Keys.COORDINATOR_TIMEOUT);
    }

    private static ModelSettings model(Settings settings, Invocation invocation) {
        String name = settings.find(ModelKeys.NAME)
                .orElseThrow(() -> new BadSettingException(settings.where(ModelKeys.PLANNER)
                        + " is 'model', and coordinator.model.name names none; set it, or use 'rules'"));
        URI url = settings.get(ModelKeys.URL);
        if (HttpUpstream.leavesThisMachineInPlain(url)) {
            throw new BadSettingException(settings.where(ModelKeys.URL)
                    + ": questions, results and the API key would go over the network in clear text; use https");
        }
        return new ModelSettings(
                url,
                name,
                key(settings, invocation),
                settings.get(ModelKeys.ROUNDS),
                settings.get(ModelKeys.TOKENS),
                settings.get(ModelKeys.TIMEOUT));
    }

    private static Optional<String> key(Settings settings, Invocation invocation) {
        Optional<Path> file = settings.find(ModelKeys.KEY_FILE).map(settings::inStore);
        if (file.isPresent()) {
            Exposure.ofFile(file.get()).ifPresent(exposure -> {
                throw new BadSettingException(settings.where(ModelKeys.KEY_FILE) + ": " + exposure);
            });
            char[] line = PassphraseFile.firstLine(file.get());
            try {
                return Optional.of(new String(line));
            } finally {
                Arrays.fill(line, '\0');
            }
        }
        return settings.find(ModelKeys.KEY_VARIABLE)
                .map(variable -> Optional.ofNullable(invocation.environment().get(variable))
                        .filter(value -> !value.isBlank())
                        .orElseThrow(() -> new BadSettingException(settings.where(ModelKeys.KEY_VARIABLE)
                                + ": the environment has no variable " + variable + "; set it")));
    }
}
