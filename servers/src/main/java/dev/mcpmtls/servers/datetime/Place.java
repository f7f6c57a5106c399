// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import java.time.ZoneId;

/** A place and its time zone. */
record Place(String name, ZoneId zone) {}
