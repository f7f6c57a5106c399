// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of the language model that may plan the coordinator's calls. */
public final class ModelKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** The kinds of planners. */
    public enum PlannerKind {
        /** Rules, which need no network. */
        RULES,
        /** A language model. */
        MODEL
    }

    /** Whether rules or a model decide. */
    public static final Key<PlannerKind> PLANNER = TABLE.key(
            "coordinator.planner",
            Type.words(PlannerKind.values()),
            "rules",
            "whether rules or a language model decide which tools answer a question");

    /** The API of the model's server. */
    public static final Key<URI> URL = TABLE.key(
            "coordinator.model.url",
            Type.of("URL", ModelKeys::url),
            "http://localhost:11434/v1",
            "the API of the model's server, which speaks OpenAI's chat completions");

    /** The model. */
    public static final Key<String> NAME = TABLE.optional(
            "coordinator.model.name", Type.text("NAME"), "the model, as its server calls it; planner 'model' needs it");

    /** Where the API key is. */
    public static final Key<Path> KEY_FILE = TABLE.optional(
            "coordinator.model.key-file",
            Type.path(),
            "a file whose first line is the API key, readable by its owner only");

    /** The variable that holds the API key. */
    public static final Key<String> KEY_VARIABLE = TABLE.optional(
            "coordinator.model.key-variable", Type.text("NAME"), "the environment variable that holds the API key");

    /** How often the model is asked. */
    public static final Key<Integer> ROUNDS = TABLE.key(
            "coordinator.model.rounds", Type.number(1, 100), "8", "how often the model may be asked for one question");

    /** How much a question may cost. */
    public static final Key<Integer> TOKENS = TABLE.key(
            "coordinator.model.tokens",
            Type.number(1, 100_000_000),
            "50000",
            "how many tokens one question may take; it ends with the round that exceeds them");

    /** How long a question may take when a model plans. */
    public static final Key<Duration> TIMEOUT = TABLE.key(
            "coordinator.model.timeout",
            Type.duration(),
            "2m",
            "how long a question may take when a model plans; replaces coordinator.timeout");

    private ModelKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text);
            String scheme = String.valueOf(url.getScheme());
            if ((scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && url.getUserInfo() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new IllegalArgumentException(
                Printable.quote(text) + " is no address of an API, such as http://localhost:11434/v1");
    }
}
