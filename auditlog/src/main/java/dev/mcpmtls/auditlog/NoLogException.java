// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;

/** A file that should be continued does not hold records. */
final class NoLogException extends IOException {

    private static final long serialVersionUID = 1L;

    NoLogException(String what) {
        super(what);
    }
}
