// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import java.util.ServiceLoader;

/**
 * Puts the parts of remedies into words, for messages, logs and audit records. A program can bring its own wording as a service (see
 * {@link ServiceLoader}); the default words suit Java. Thread-safe.
 */
public interface RemedyWording {

    /** The act as an imperative, for example {@code "renew the credential coordinator …"}. */
    String clause(Act act);

    /** The way to do the act, with a blank before it, after a sentence that has said what to do; may be empty. */
    String hint(Act act);

    /** The name of a setting. */
    String setting(Setting setting);

    /** The name of a key of configuration files. */
    String key(String key);

    /** The name of a setting with the value that it should have, one element where it is a list. */
    String setting(Setting setting, String value);
}
