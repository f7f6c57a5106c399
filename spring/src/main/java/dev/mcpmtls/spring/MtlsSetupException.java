// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import org.jspecify.annotations.Nullable;

/** The program's settings do not fit together. */
final class MtlsSetupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String remedy;

    MtlsSetupException(String finding, String remedy) {
        this(finding, remedy, null);
    }

    MtlsSetupException(String finding, String remedy, @Nullable Throwable cause) {
        super(finding, cause);
        this.remedy = remedy;
    }

    /** The remedy, in one sentence. */
    String remedy() {
        return remedy;
    }
}
