"""All handlers of one kernel, by the names that the hook's table gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.recovery import recover_one
from livyguard.sparkmagic.asking import Asking
from livyguard.sparkmagic.configuring import Configuring
from livyguard.sparkmagic.creation import Creation
from livyguard.sparkmagic.deletion import Deletion
from livyguard.sparkmagic.remembering import Remembering
from livyguard.sparkmagic.replacing import Replacing
from livyguard.sparkmagic.running import FINAL, Running
from livyguard.sparkmagic.sending import Sending
from livyguard.sparkmagic.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.applications import Applications
    from livyguard.cells import Cells
    from livyguard.cleanup import Cleanup
    from livyguard.guard import Guard
    from livyguard.journal import Journal
    from livyguard.policy.decision import Decision
    from livyguard.ports import Clock, Display, SessionStore
    from livyguard.sessions.rows import SessionRow
    from livyguard.sparkmagic.endpoints import Endpoints
    from livyguard.sparkmagic.notebook import SparkmagicNotebook
    from livyguard.sparkmagic.sending import Tell

__all__ = ["Handlers"]


class Handlers:
    """Each method here stands in front of one of SparkMagic's; ``livyguard.sparkmagic.hook`` says which."""

    def __init__(
        self,
        *,
        guard: Guard,
        journal: Journal,
        applications: Applications,
        clock: Clock,
        display: Display,
        endpoints: Endpoints,
        notebook: SparkmagicNotebook,
        fails_cells: Callable[[], bool],
        show_info: Callable[[SessionStore, Decision], None],
        cleanup: Cleanup,
        cells: Cells,
        tell: Tell,
        rows: Callable[[SessionStore], Sequence[SessionRow]],
    ) -> None:
        starting = Starting(applications, clock, display, rows)
        sending = Sending(tell)
        self.send = sending.send
        self.fatal_error_suggestion = sending.fatal_error_suggestion
        creation = Creation(guard, endpoints, journal, applications, display, fails_cells, starting, notebook.added)
        self.post_session = creation.post_session
        self.start = creation.start
        self.run_widget = creation.run_widget
        remembering = Remembering(cells, journal)
        running = Running(endpoints, journal, applications, clock, display, fails_cells, starting, remembering.what_ran)
        self.wait_for_idle = running.wait_for_idle
        self.post_statement = remembering.post_statement(running.post_statement)
        self.get_statement = remembering.get_statement(running.get_statement, FINAL)
        self.get_session = running.get_session
        asking = Asking(display)
        self.get_sessions = self.get_manager_sessions_str = asking.ask
        self.get_all_session_logs = running.get_all_session_logs
        self.delete_session = running.delete_session
        deletion = Deletion(endpoints, cleanup, display)
        self.cleanup_endpoint = deletion.cleanup_endpoint
        self.delete_session_by_id = deletion.delete_session_by_id
        self.cleanup = deletion.cleanup
        self.stop_heartbeat = deletion.stop_heartbeat
        replacing = Replacing(notebook, lambda one: recover_one(notebook, one, applications), display, fails_cells)
        self.add_session = replacing.add_session
        configuring = Configuring(guard, notebook, display, fails_cells, show_info)
        self.configure = configuring.configure
        self.info = configuring.info
        self.get_session_properties = configuring.get_session_properties
        self.spark = configuring.spark
